"""Patients are excluded, or no longer: from that moment their images are used for nothing, whoever sent them when.

In order: the list beside the databases, then the rows of patients and images, then the ward. Each step holds alone, and
a crash between two is mended at the next start or by the next round of `follow`: an exclusion is obeyed too early
rather than too late. Numbers of the hospital come in, keyed digests are kept, counts go out.

New images of an excluded patient are received with success (their sender must not try for ever), sealed like any other,
and quarantined before anything is made of them. Clean ones leave their store; received bytes go when their retention
ends, so that a mistake can be undone until then. Under a legal hold nothing is used and nothing is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from node.flows.act import Act
from node.flows.clean_endings import JOBS
from node.flows.clean_parts import ISSUER_OF_A_STUDY
from node.flows.exclude_parts import CleanFiles, ExcludeParts, ReplayParts, Returned, WithdrawalRows
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.intake.errors import NotLiftable, NumberInvalid, NumbersMissing, NumbersTooMany
from node.intake.exclusion import (
    LIFTED_FOR,
    MAX_NUMBERS,
    ExclusionEntry,
    ExclusionKind,
    LiftReason,
    is_number,
    standing,
)

_BATCH: Final = 200
_NAMED_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class ListTaken:
    """What became of a list: how many of its patients the act changed, and how many stood so before."""

    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """What became of a list whose exclusions end, and of the images of its patients."""

    changed: int
    unchanged: int
    again: int
    """Images whose received bytes are kept: they are cleaned again."""
    gone: int
    """Images whose received bytes are gone: they stay out of use, also when they are sent again."""


def exclude(parts: ExcludeParts, numbers: Sequence[str], kind: ExclusionKind, act: Act) -> ListTaken:
    """The patients of these hospital numbers are excluded for this kind; empty lines do not count.

    Raises:
        NumberInvalid, NumbersMissing, NumbersTooMany: nothing was recorded.
        ExclusionListDamaged, ExclusionListUnusable: nothing was recorded.
        StoreFull, StoreFailed: it is recorded, and counts with the node's next start.
    """
    taken, _ = _decide(parts, numbers, kind, None, act)
    return taken


def lift(parts: ExcludeParts, numbers: Sequence[str], kind: ExclusionKind, reason: LiftReason, act: Act) -> Lifted:
    """The patients are no longer excluded for this kind; images whose bytes are kept are cleaned again.

    Raises:
        NotLiftable: no exclusion of the kind ends for that reason.
        NumberInvalid and others: as `exclude`.
    """
    if reason not in LIFTED_FOR[kind]:
        possible = ", ".join(sorted(LIFTED_FOR[kind]))
        raise NotLiftable(kind=kind.value, reason=reason.value, possible=possible)
    taken, back = _decide(parts, numbers, kind, reason, act)
    return Lifted(taken.changed, taken.unchanged, back.again, back.gone)


def known_patients(parts: ExcludeParts, numbers: Sequence[str]) -> frozenset[int]:
    """The patients of these hospital numbers whom this node knows, excluded or not, by its own numbers.

    Raises:
        NumberInvalid, NumbersMissing, NumbersTooMany: as `exclude`.
    """
    return frozenset(parts.rows.patients_named(_lookups(parts, numbers)))


def follow(parts: ExcludeParts, act: Act) -> None:
    """What the list says holds for every patient known by now, in intake and in the ward."""
    parts.rows.obey(act.now)
    parts.ward.set_excluded(parts.rows.excluded_patients())


def replay(parts: ReplayParts, act: Act, other_list: Path | None = None) -> int:
    """List and rows know the same entries, those of another copy too, and they are obeyed; how many came anew.

    So a database that was restored from a backup is filtered again before anybody is served from it.
    """
    _name_patients(parts)
    own = parts.exclude
    in_book, in_rows = own.book.entries(), own.rows.entries()
    brought = {} if other_list is None else own.book.entries_of(other_list)
    every = {**in_book, **in_rows, **brought}
    own.book.append(list(every.values()))
    missing = [entry for name, entry in every.items() if name not in in_rows]
    if missing:
        own.rows.add(missing, act.event("exclusion.replayed", f"exclusion:{missing[0].entry_id}"))
    follow(own, act)
    return len([name for name in every if name not in in_book or name not in in_rows])


def withdraw(rows: WithdrawalRows, files: CleanFiles, clock: Clock) -> int:
    """No clean image of an excluded patient is left where it could be used; returns how many were taken out.

    The file goes first and the row follows, so that a crash between the two only repeats the step.
    """
    taken = 0
    while batch := rows.due(_BATCH):
        for one in batch:
            if not one.held:
                files.drop(one.image_id)
        now = clock.now()
        subjects = [f"received:{one.received_id}" for one in batch]
        rows.withdrawn(batch, [AuditEvent(now, JOBS, "image.excluded", subject) for subject in subjects])
        taken += len(batch)
    return taken


def _decide(
    parts: ExcludeParts, numbers: Sequence[str], kind: ExclusionKind, lifted: LiftReason | None, act: Act
) -> tuple[ListTaken, Returned]:
    lookups = _lookups(parts, numbers)
    known = [one for one in parts.rows.entries().values() if one.kind is kind and one.number_lookup in lookups]
    stands = {lookup for lookup, _ in standing(known)}
    changing = sorted(stands & lookups if lifted else lookups - stands)
    moments = _moments(known, act.now)
    entries = [
        ExclusionEntry(parts.new_id(), lookup, kind, lifted, moments.get(lookup, act.now), act.by)
        for lookup in changing
    ]
    back = Returned(0, 0)
    if entries:
        parts.book.append(entries)
        event = act.event("exclusion.lifted" if lifted else "exclusion.added", f"exclusion:{entries[0].entry_id}")
        reason = f"{kind.value}:{lifted.value}" if lifted else kind.value
        back = parts.rows.add(entries, AuditEvent(event.at, event.actor, event.action, event.subject, reason))
        parts.ward.set_excluded(parts.rows.excluded_patients())
    return ListTaken(len(entries), len(lookups) - len(entries)), back


def _moments(known: Sequence[ExclusionEntry], now: datetime) -> dict[str, datetime]:
    """When the next entry of each patient is: after the last one, also where the clock went back since."""
    moments: dict[str, datetime] = {}
    for one in known:
        moments[one.number_lookup] = max(moments.get(one.number_lookup, now), one.at + timedelta(microseconds=1))
    return moments


def _lookups(parts: ExcludeParts, numbers: Sequence[str]) -> set[str]:
    if len(numbers) > MAX_NUMBERS:
        raise NumbersTooMany(limit=MAX_NUMBERS)
    given = [(line, number.strip()) for line, number in enumerate(numbers, start=1) if number.strip()]
    for line, number in given:
        if not is_number(number):
            raise NumberInvalid(line=line)
    if not given:
        raise NumbersMissing
    return {parts.lookups.patient_number(number) for _, number in given}


def _name_patients(parts: ReplayParts) -> None:
    """Patients numbered by a release before this one can be found by their hospital number too."""
    while unnamed := parts.patients.unnamed(_NAMED_AT_ONCE):
        named = {}
        for lookup, sealed in unnamed.items():
            whom = json.loads(parts.identities.open(sealed, bound_to=f"patient:{lookup}"))
            named[lookup] = parts.exclude.lookups.patient_number(hospital_number(whom))
        parts.patients.name(named)


def hospital_number(whom: dict[str, str]) -> str:
    """The hospital's number of a patient as the map keeps them; empty for one who stands for a study alone."""
    return "" if whom["issuer"] == ISSUER_OF_A_STUDY else whom["patient_id"]
