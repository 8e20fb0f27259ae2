"""Fit children by plan: one child lives over the rounds of a plan and is ended when the plan is withdrawn or done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from node.training.ports import FitChild
from protocols.plans import TrainingPlan

MakeChild = Callable[[TrainingPlan, Path], FitChild]


class FitRooms:
    """The running fit children; the same plan gets the same child until it is ended."""

    def __init__(self, make: MakeChild) -> None:
        self._make = make
        self._children: dict[str, FitChild] = {}
        self._turn = threading.Lock()

    def child(self, plan: TrainingPlan, export: Path) -> FitChild:
        """The child of this plan; it starts with its first call."""
        with self._turn:
            if plan.plan_id not in self._children:
                self._children[plan.plan_id] = self._make(plan, export)
            return self._children[plan.plan_id]

    def end(self, plan_id: str) -> None:
        """The plan's child has ended, also in the middle of a call."""
        with self._turn:
            child = self._children.pop(plan_id, None)
        if child is not None:
            child.close()

    def end_all(self) -> None:
        """No child runs."""
        for plan_id in list(self._children):
            self.end(plan_id)
