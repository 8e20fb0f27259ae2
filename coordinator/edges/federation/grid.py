"""The courier of a running ServerApp: frames out to nodes, frames back, within a deadline.

Rules held here:
- one push and one pull per node, so that what one node sends malformed costs only that node's answer;
- each pull on a thread of its own, so that half a reply costs only that node's answer and not the deadline;
- a push that was cut off is repeated with the same message, which the SuperLink takes once;
- an answer counts only from the node that was asked; an error, a malformed or a foreign reply is no answer;
- a SuperLink that is away is waited for until the deadline; a run that was stopped ends at once.

Not done here: reading frames, rounds, checkpoints.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flwr.app import Message
from flwr.serverapp import Grid

from coordinator.edges.federation.flower_internals import (
    TRANSIENT,
    FrameMissing,
    RunNotRunning,
    frame_of,
    message_with,
)
from coordinator.edges.federation.pulls import Pull, limit_calls
from coordinator.ground.errors import CoordinatorError

FRAME_BYTES_MAX = 128 * 1_048_576
_MESSAGE_LIFE_MARGIN_SECONDS = 120.0
_PULL_ALONE_SECONDS = 2.0
"""How long the next pull waits for this one: as a rule there is one at a time, and a slow one goes on beside others."""

_log = logging.getLogger(__name__)


class RunStopped(CoordinatorError):
    """The run was stopped, or the SuperLink no longer knows it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One sealed frame for one node; `message_type` is one of `protocols.flower_fleet.MESSAGE_TYPES`."""

    message_type: str
    frame: bytes


POLL_SECONDS, POLL_GROWTH, POLL_SECONDS_MAX = 0.25, 1.5, 2.0
"""While no answer comes, the SuperLink is asked ever less often: each question costs both sides some milliseconds."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Monotonic seconds and how to wait; tests pass their own."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Courier:
    """Carries frames over one grid. Safe to use for one exchange after another, not for two at a time."""

    def __init__(self, grid: Grid, *, frame_bytes_max: int = FRAME_BYTES_MAX, clock: Clock | None = None) -> None:
        self._grid = grid
        self._frame_bytes_max = frame_bytes_max
        self._clock = clock or Clock()

    def exchange(
        self, frames: Mapping[int, Outgoing], *, deadline_seconds: float, poll_seconds: float = POLL_SECONDS
    ) -> dict[int, bytes]:
        """The answers that arrived by the deadline, by node; returns early when nobody is left to wait for.

        Raises:
            RunStopped: the run was stopped meanwhile.
        """
        until = self._clock.monotonic() + deadline_seconds
        unsent = {
            node_id: message_with(
                out.frame,
                out.message_type,
                node_id=node_id,
                life_seconds=deadline_seconds + _MESSAGE_LIFE_MARGIN_SECONDS,
            )
            for node_id, out in frames.items()
        }
        waiting: dict[int, str] = {}
        pulls: dict[int, Pull] = {}
        answers: dict[int, bytes] = {}
        pause = poll_seconds
        try:
            while unsent or waiting:
                before = len(answers)
                self._push(unsent, waiting, until)
                answers.update(self._pull(waiting, pulls, until))
                pause = poll_seconds if len(answers) > before else min(pause * POLL_GROWTH, POLL_SECONDS_MAX)
                if not self._paused(until, pause if unsent or waiting else 0.0):
                    break
        except RunNotRunning:
            raise RunStopped("the run was stopped") from None
        if len(answers) < len(frames):
            _log.warning("%d of %d nodes answered", len(answers), len(frames))
        return answers

    def _paused(self, until: float, seconds: float) -> bool:
        """True while there is time left, after a pause of at most that."""
        left = until - self._clock.monotonic()
        if left > 0 and seconds > 0:
            self._clock.sleep(min(seconds, left))
        return left > 0

    def _push(self, unsent: dict[int, Message], waiting: dict[int, str], until: float) -> None:
        for node_id, message in list(unsent.items()):
            self._limit(until)
            try:
                taken = list(self._grid.push_messages([message]))
            except TRANSIENT as error:
                _log.warning("push to node %d cut off: %s", node_id, type(error).__name__)
                continue
            del unsent[node_id]
            if taken and taken[0]:
                waiting[node_id] = taken[0]
            else:
                _log.warning("the SuperLink takes no message for node %d", node_id)

    def _pull(self, waiting: dict[int, str], pulls: dict[int, Pull], until: float) -> dict[int, bytes]:
        """The answers that are here now; `pulls` are those under way, which are looked at and not waited for again."""
        arrived: dict[int, bytes] = {}
        for node_id, asked in list(waiting.items()):
            self._limit(until)
            known = pulls.pop(node_id, None)
            pull = known or Pull(self._grid, asked)
            patience = 0.0 if known else min(_PULL_ALONE_SECONDS, until - self._clock.monotonic())
            if not pull.over_within(patience):
                pulls[node_id] = pull
                continue
            if (replies := self._pulled(node_id, pull)) is None:
                del waiting[node_id]
            elif replies:
                del waiting[node_id]
                self._accept(node_id, replies[0], arrived)
        return arrived

    def _pulled(self, node_id: int, pull: Pull) -> list[Message] | None:
        """What the pull brought; nothing where the reply is lost for good."""
        try:
            return pull.replies()
        except RunNotRunning:
            raise
        except TRANSIENT as error:
            _log.warning("pull for node %d cut off: %s", node_id, type(error).__name__)
            return []
        except Exception as error:  # noqa: BLE001 - whatever a node's bytes break in Flower costs only its answer
            _log.warning("reply of node %d cannot be rebuilt: %s", node_id, type(error).__name__)
            return None

    def _accept(self, node_id: int, reply: Message, answers: dict[int, bytes]) -> None:
        try:
            frame = frame_of(reply, self._frame_bytes_max)
        except FrameMissing as error:
            _log.warning("node %d gave no answer: %s", node_id, error)
            return
        if reply.metadata.src_node_id != node_id:
            _log.warning("a reply for node %d came from another node", node_id)
            return
        answers[node_id] = frame

    def _limit(self, until: float) -> None:
        limit_calls(self._grid, until - self._clock.monotonic())
