"""Fit children by plan: one lives over the rounds of a plan and ends when the plan is withdrawn or its run is over.

A child whose run is over while it still works, because this hospital was late, ends once its work is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from node.training.ports import FitChild
from protocols.inbox import RunNotice, RunState
from protocols.plans import TrainingPlan

MakeChild = Callable[[TrainingPlan, Path], FitChild]
_OVER = frozenset({RunState.FINISHED, RunState.ENDED})


@dataclass(slots=True)
class _Room:
    child: FitChild
    cohort: str
    users: int = 0
    over: bool = False


class FitRooms:
    """The running fit children; the same plan gets the same child until it is ended."""

    def __init__(self, make: MakeChild) -> None:
        self._make = make
        self._rooms: dict[str, _Room] = {}
        self._over: set[str] = set()
        self._turn = threading.Lock()

    @contextmanager
    def child(self, plan: TrainingPlan, export: Path, cohort: str = "") -> Iterator[FitChild]:
        """The child of this plan, which starts with its first call; it outlives the block unless its run is over.

        `cohort` is the digest of what the export holds: a child that was given another one has ended.
        """
        with self._turn:
            former = self._rooms.get(plan.plan_id)
        if former is not None and former.cohort != cohort:
            self.end(plan.plan_id)
        with self._turn:
            if plan.plan_id not in self._rooms:
                self._rooms[plan.plan_id] = _Room(self._make(plan, export), cohort)
            room = self._rooms[plan.plan_id]
            room.users, room.over = room.users + 1, False
        try:
            yield room.child
        finally:
            self._leave(plan.plan_id, room)

    def hear(self, runs: Iterable[RunNotice]) -> None:
        """No idle child runs for a run that is heard to be over for the first time."""
        for run in runs:
            if run.state in _OVER and run.run_id not in self._over:
                self._over.add(run.run_id)
                self._end_idle(run.plan_id)

    def end(self, plan_id: str) -> None:
        """The plan's child has ended, also in the middle of a call."""
        with self._turn:
            room = self._rooms.pop(plan_id, None)
        if room is not None:
            room.child.close()

    def end_all(self) -> None:
        """No child runs."""
        for plan_id in list(self._rooms):
            self.end(plan_id)

    def _leave(self, plan_id: str, room: _Room) -> None:
        with self._turn:
            room.users -= 1
            done = room.over and not room.users and self._rooms.get(plan_id) is room
            if done:
                del self._rooms[plan_id]
        if done:
            room.child.close()

    def _end_idle(self, plan_id: str) -> None:
        with self._turn:
            room = self._rooms.get(plan_id)
            if room is None:
                return
            room.over = True
            if room.users:
                return
            del self._rooms[plan_id]
        room.child.close()
