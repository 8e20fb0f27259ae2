"""What patients had a part in: rounds that learnt from them or measured on them, and what became of the models.

It says what is recorded and no more. A model that learnt from somebody has learnt: no exclusion takes that out again,
so the advice is about the next model, never about a cure of this one. Whether an update that left is in a sum, only the
coordinator knows; what left is counted as having a part. Numbers of patients stay in `wall.db`; nothing here leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from node.release.asked import Exchange
from protocols.inbox import RunState
from protocols.masking import MaskedUpdate
from protocols.updates import ModelUpdate

UPDATES = (ModelUpdate.kind, MaskedUpdate.kind)
"""The kinds of message that carry what was learnt."""


class Role(StrEnum):
    """What a round did with a patient's cases."""

    LEARNT = "learnt"
    """The update of the round was learnt from them, among others."""
    MEASURED = "measured"
    """Figures of a model were measured on them, among others."""


class ReleasePart(StrEnum):
    """Whether the model a run ended with has to do with these patients."""

    RUNNING = "running"
    """The run goes on; there is no release yet."""
    NONE = "none"
    """The run ended without a release."""
    LEARNT = "learnt"
    """A round up to the released one learnt from them, and its update left."""
    PERHAPS = "perhaps"
    """Such an update left, and this node was never told which round was released."""
    MEASURED = "measured"
    """Nothing it learnt is from them; figures that left, and may have chosen its round, were measured on them too."""
    UNTOUCHED = "untouched"
    """Neither: what had to do with them came after the released round, or never left."""


class Advice(StrEnum):
    """What this hospital may do about a run; it decides itself."""

    KEEP = "keep"
    """Nothing learnt from them left, or what left is in no release."""
    KEEP_BOUNDED = "keep-bounded"
    """What any one patient could move was bounded by the plan's noise before it left."""
    STOP = "stop"
    """The run still learns on a model that has learnt from them: stop the plan, begin another without them."""
    RETRAIN = "retrain"
    """The released model learnt from them without noise: ask for one that is trained without them."""


@dataclass(frozen=True, slots=True)
class RoundPart:
    """One round's use of some of the patients."""

    plan_id: str
    run_id: str
    round: int
    exchange: Exchange
    role: Role


@dataclass(frozen=True, slots=True)
class RunKnown:
    """What this node knows of a run beside who had a part in it."""

    state: RunState | None
    rounds_done: int
    released_round: int | None
    """The round of the final model; nothing while this node was not asked about it."""
    left: frozenset[int]
    """The rounds whose update left this hospital."""
    private: bool
    """Its plan bounds what one patient can move."""


@dataclass(frozen=True, slots=True)
class RunPart:
    """What some patients had a part in during one run, by rounds in ascending order."""

    plan_id: str
    run_id: str
    learnt: tuple[int, ...]
    left: tuple[int, ...]
    """Those of `learnt` whose update left."""
    measured: tuple[int, ...]
    released: ReleasePart
    released_round: int | None
    advice: Advice


def part_in_run(parts: Iterable[RoundPart], known: RunKnown) -> RunPart:
    """What the patients had a part in, given all their parts in one run (at least one)."""
    held = list(parts)
    learnt = tuple(sorted({one.round for one in held if one.role is Role.LEARNT}))
    measured = tuple(sorted({one.round for one in held if one.role is Role.MEASURED}))
    left = tuple(number for number in learnt if number in known.left)
    released = _released(left, measured, known)
    advice = _advice(released, left, private=known.private)
    return RunPart(held[0].plan_id, held[0].run_id, learnt, left, measured, released, known.released_round, advice)


def unrecorded(runs: Mapping[str, RunKnown], recorded: Mapping[str, frozenset[int]]) -> dict[str, tuple[int, ...]]:
    """Of each run the rounds whose update left, or that the coordinator counts as done, without a record of who.

    They are older than the record, lie between a backup and its restoring, or had no part of this hospital at all.
    """
    missing = {}
    for run_id, known in runs.items():
        told = known.left | frozenset(range(1, known.rounds_done + 1))
        if gap := told - recorded.get(run_id, frozenset()):
            missing[run_id] = tuple(sorted(gap))
    return missing


def _released(left: tuple[int, ...], measured: tuple[int, ...], known: RunKnown) -> ReleasePart:
    match known.state:
        case RunState.ENDED:
            return ReleasePart.NONE
        case RunState.FINISHED:
            if left and known.released_round is None:
                return ReleasePart.PERHAPS
            if left and left[0] <= (known.released_round or 0):
                return ReleasePart.LEARNT
            return ReleasePart.MEASURED if measured else ReleasePart.UNTOUCHED
        case RunState.WAITING | RunState.RUNNING | None:
            return ReleasePart.RUNNING


def _advice(released: ReleasePart, left: tuple[int, ...], *, private: bool) -> Advice:
    if not left or released in {ReleasePart.NONE, ReleasePart.MEASURED, ReleasePart.UNTOUCHED}:
        return Advice.KEEP
    if private:
        return Advice.KEEP_BOUNDED
    return Advice.STOP if released is ReleasePart.RUNNING else Advice.RETRAIN
