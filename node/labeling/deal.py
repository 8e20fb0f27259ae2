"""Dealing cases to readers ahead of time, so that no reader can tell what another did.

Each case goes to as many readers as it needs, chosen by rendezvous hashing: for a case every reader has a score, and
the highest scores win. So shares are even, a newcomer takes an even part of everyone's places, and nobody's worklist
depends on what others read, when, or how. Only a deal changes places, and a deal is an act of the lead or of IT, never
a reader's. Whoever submitted a case, is to read it anew, or holds a running lease of it, keeps it; whoever declined it,
or had it taken by the lead, never gets it back; whoever let a lease run out comes last for it. A case that wants no
more readings is taken out of every worklist. Who may read a case follows from the case and the person alone.

Where the next reader is asked while consensus is unsure, a deal itself answers what was read; there it is `fixed`: the
highest scores have the case whatever became of anybody's place, and what is missing or unsure is asked for by extra
places, of which every reader has the same number (`consensus.extra_places`).
Source: Thaler and Ravishankar, doi:10.1109/90.663936.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from node.labeling.assignment import Assignment, AssignmentState, lease_runs

_GIVEN_BACK = (AssignmentState.DECLINED, AssignmentState.REASSIGNED)


@dataclass(frozen=True, slots=True)
class Place:
    """A case to be put into a reader's worklist."""

    case_id: str
    person_id: str
    position: int
    """Where in the worklist: the same for this reader and case in every deal."""


@dataclass(frozen=True, slots=True)
class ExtraPlace:
    """A place beside those that every case has; for doubt, or by chance."""

    place: Place
    for_doubt: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """What changes: new places, places withdrawn before anyone saw them, leases ended, and places given back."""

    added: list[Place] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    lapsed: list[str] = field(default_factory=list)
    revived: list[str] = field(default_factory=list)
    extra: list[ExtraPlace] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DealRules:
    """Who may read, how many readings a case needs, and the moment leases are measured at."""

    project_id: str
    readers: Collection[str]
    reads_per_case: int
    now: datetime
    of_case: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Who may read a case for which that is not everybody in `readers`."""

    fixed: bool = False
    """No place moves for what another reader did: a place given back, lapsed or too slow is not given on."""

    extra: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Where it is fixed: who has an extra place on a case. It stays theirs."""

    closed: Collection[str] = ()
    """Where it is fixed: cases that want no more readings. Nobody new is given them, and nobody loses them."""

    def readers_of(self, case_id: str) -> Collection[str]:
        """Who may read the case."""
        return self.of_case.get(case_id, self.readers)


def deal(rules: DealRules, case_ids: Iterable[str], existing: Iterable[Assignment]) -> Deal:
    """The changes after which every case has its readers; nothing when it has them already."""
    of_case: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in existing:
        of_case[assignment.case_id].append(assignment)
    changes = Deal()
    for case_id in case_ids:
        _deal_case(rules, case_id, of_case.pop(case_id, []), changes)
    for given in of_case.values():
        _withdraw(given, set(), changes)
    return changes


def _deal_case(rules: DealRules, case_id: str, given: list[Assignment], changes: Deal) -> None:
    chosen = set(_fixed(rules, case_id, given) if rules.fixed else _chosen(rules, case_id, given))
    kept = {assignment.person_id for assignment in given if _kept(rules, assignment)}
    _withdraw(given, chosen | kept, changes)
    for person_id in sorted(chosen.difference(assignment.person_id for assignment in given)):
        position = score("position", rules.project_id, case_id, person_id) >> 2
        changes.added.append(Place(case_id, person_id, position))


def _withdraw(given: list[Assignment], stay: set[str], changes: Deal) -> None:
    for assignment in given:
        stays = assignment.person_id in stay
        match assignment.state:
            case AssignmentState.WAITING if not stays:
                changes.dropped.append(assignment.assignment_id)
            case AssignmentState.HELD | AssignmentState.REQUEUED if not stays:
                changes.lapsed.append(assignment.assignment_id)
            case AssignmentState.LAPSED if stays:
                changes.revived.append(assignment.assignment_id)
            case _:
                pass


def _chosen(rules: DealRules, case_id: str, given: list[Assignment]) -> Iterator[str]:
    kept = {assignment.person_id for assignment in given if _kept(rules, assignment)}
    gone = {assignment.person_id for assignment in given if assignment.state in _GIVEN_BACK}
    late = {
        assignment.person_id
        for assignment in given
        if assignment.state is AssignmentState.LAPSED
        or (assignment.state is AssignmentState.HELD and assignment.person_id not in kept)
    }
    free = [person_id for person_id in rules.readers_of(case_id) if person_id not in kept | gone]
    free.sort(key=lambda person_id: (person_id in late, -score("reader", rules.project_id, case_id, person_id)))
    yield from free[: max(0, rules.reads_per_case - len(kept))]


def _fixed(rules: DealRules, case_id: str, given: list[Assignment]) -> Iterator[str]:
    gone = {assignment.person_id for assignment in given if assignment.state in _GIVEN_BACK}
    readers = rules.readers_of(case_id)
    if case_id in rules.closed:
        stay = {assignment.person_id for assignment in given}.intersection(readers)
    else:
        ranked = sorted(readers, key=lambda person_id: -score("reader", rules.project_id, case_id, person_id))
        stay = {*ranked[: rules.reads_per_case], *rules.extra.get(case_id, ())}.intersection(readers)
    yield from stay - gone


def _kept(rules: DealRules, assignment: Assignment) -> bool:
    if assignment.state is AssignmentState.SUBMITTED:
        return True
    kept = assignment.state is AssignmentState.REQUEUED or lease_runs(assignment, rules.now)
    return kept and assignment.person_id in rules.readers_of(assignment.case_id)


def score(*parts: str) -> int:
    """A number below 2^64 that follows from these names alone."""
    return int.from_bytes(hashlib.blake2b("/".join(parts).encode("ascii"), digest_size=8).digest(), "big")
