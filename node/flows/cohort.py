"""The cohort of a plan, frozen at its first instruction: the labelled cases, their samples, the read-only export.

What was frozen is recorded by count and digest; later labels do not change a run that began, but the cases of a patient
who is excluded meanwhile, and those whose project no longer permits the partner, are taken out before the next round.
An export without its record was interrupted and is made anew. Logs hold counts, never a case.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from node.flows.cohort_rows import bound_to, cohort_asked, cohort_rows, digest_without, rows_digest, split_rows
from node.flows.patients import PatientBook
from node.flows.send import WALL
from node.flows.taking_part import PartBook, roles_in
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.labeling.cohort_row import CohortRow, TrainingCases
from node.release.asked import Asked
from node.release.bounds import Terms, check_cohort
from node.release.patients import is_private
from node.release.refusals import CohortTooSmall, NoProjectPermits
from node.training.cohort import Part, TrainingCase
from node.training.samples import (
    ExportDamaged,
    FilmWithoutContrast,
    Sample,
    cases_in,
    leave_out,
    remove_export,
    to_sample,
    write_export,
)
from protocols.plans import TrainingPlan


class FilmUnreadable(NodeError):
    """A clean image of the cohort is gone or cannot be decoded; its case is left out."""


class CleanPixels(Protocol):
    """The de-identified films."""

    def pixels(self, image_id: str) -> NDArray[np.float32]:
        """One film: float32 [row, column], 0..1, bright is dense (MONOCHROME1 inverted). Raises: FilmUnreadable."""
        ...


@dataclass(frozen=True, slots=True)
class FrozenCohort:
    """What a plan trains on here, by count and digest."""

    plan_id: str
    rows_sha256: str
    cases: int
    """Labelled cases outside the holdout."""
    training_cases: int
    frozen_at: datetime


class ExcludedCases(Protocol):
    """Whose cases are not learnt from."""

    def excluded_cases(self) -> Collection[str]:
        """The cases of excluded patients."""
        ...


class CohortBook(Protocol):
    """Where frozen cohorts are recorded."""

    def frozen(self, plan_id: str) -> FrozenCohort | None:
        """The plan's cohort."""
        ...

    def freeze(self, cohort: FrozenCohort, event: AuditEvent) -> None:
        """The plan's cohort is recorded, in place of an interrupted one."""
        ...


@dataclass(frozen=True, slots=True)
class CohortSources:
    """Where cases, films and the hospital's split key come from, and where exports go."""

    cases: TrainingCases
    excluded: ExcludedCases
    films: CleanPixels
    book: CohortBook
    patients: PatientBook
    parts: PartBook
    split_key: bytes
    exports: Path
    clock: Clock


class Exports:
    """Training exports, one folder a plan, made once."""

    def __init__(self, sources: CohortSources) -> None:
        self._sources = sources
        self._turn = threading.Lock()

    def of(self, terms: Terms) -> tuple[FrozenCohort, Path]:
        """The plan's frozen cohort and its export.

        Raises:
            NoProjectPermits: no project permits the plan's partner.
            CohortTooSmall: fewer labelled cases than the plan needs.
            OutsideApproval: more than approved.
        """
        with self._turn:
            return self._of(terms)

    def for_round(self, terms: Terms, asked: Asked) -> tuple[FrozenCohort, Path]:
        """The plan's frozen cohort and its export, once it is noted who has a part in this exchange.

        An export that holds cases the ward does not know, restored from a backup, is made anew.

        Raises:
            NoProjectPermits, CohortTooSmall, OutsideApproval: as `of`.
        """
        with self._turn:
            cohort, path = self._of(terms)
            try:
                held = self._patients_in(path)
            except ExportDamaged:
                cohort = self._freeze(terms, path)
                held = self._patients_in(path)
            self._sources.parts.note(asked, roles_in(asked, terms.plan, held), _noted_event(asked, self._sources.clock))
            return cohort, path

    def _of(self, terms: Terms) -> tuple[FrozenCohort, Path]:
        plan_id = terms.plan.plan_id
        path = self._sources.exports / plan_id
        frozen = self._sources.book.frozen(plan_id)
        if frozen is None or not path.exists():
            return self._freeze(terms, path), path
        try:
            frozen = self._obeyed(frozen, path, self._sources.cases.withheld(terms.plan.partner_id))
        except ExportDamaged:
            return self._freeze(terms, path), path
        check_cohort(frozen.cases, terms)
        if not frozen.training_cases:
            raise CohortTooSmall("no case is left to train on")
        return frozen, path

    def _patients_in(self, path: Path) -> Mapping[Part, frozenset[int]]:
        """Whose cases an export holds, part by part. Raises: ExportDamaged."""
        held = cases_in(path)
        known = self._sources.cases.patients_of(frozenset().union(*held.values()))
        if any(case_id not in known for cases in held.values() for case_id in cases):
            raise ExportDamaged(f"the export {path.name} holds cases that are not here")
        return {part: frozenset(known[case_id] for case_id in cases) for part, cases in held.items()}

    def training_patients(self, plan: TrainingPlan) -> frozenset[int]:
        """Whom the plan would train on today. Raises: NoProjectPermits, CohortTooSmall."""
        self._check_permitted(plan)
        rows = cohort_rows(self._sources.cases, plan)
        parts = split_rows(rows, self._sources.split_key, plan.cohort.min_cases)
        return frozenset(part.patient_number for part in parts if part.part is Part.TRAIN)

    def permits(self, plan: TrainingPlan) -> bool:
        """Whether a project of this hospital over the plan's schema permits its partner."""
        return self._sources.cases.permitted(cohort_asked(plan))

    def _check_permitted(self, plan: TrainingPlan) -> None:
        if not self.permits(plan):
            raise NoProjectPermits("no project of this hospital permits this partner")

    def obey(self) -> None:
        """No export holds a case of an excluded patient; one that cannot be read is made anew when it is asked for."""
        if not self._sources.exports.exists():
            return
        for path in sorted(self._sources.exports.iterdir()):
            with self._turn, suppress(ExportDamaged):
                frozen = self._sources.book.frozen(path.name)
                if frozen is not None:
                    self._obeyed(frozen, path)

    def _obeyed(self, frozen: FrozenCohort, path: Path, withheld: Collection[str] = ()) -> FrozenCohort:
        """The cohort without the cases of excluded patients and those withheld; the same where there are none."""
        gone = leave_out(path, frozenset(self._sources.excluded.excluded_cases()) | frozenset(withheld))
        if not gone:
            return frozen
        trained = sum(part is Part.TRAIN for part in gone.values())
        less = replace(
            frozen,
            rows_sha256=digest_without(frozen.rows_sha256, gone),
            cases=frozen.cases - sum(part is not Part.HOLDOUT for part in gone.values()),
            training_cases=frozen.training_cases - trained,
            frozen_at=self._sources.clock.now(),
        )
        self._sources.book.freeze(less, _frozen_event(less))
        log().info("cohort", reason="excluded", count=len(gone))
        return less

    def _freeze(self, terms: Terms, path: Path) -> FrozenCohort:
        self._check_permitted(terms.plan)
        rows = cohort_rows(self._sources.cases, terms.plan)
        cases = sum(not row.holdout for row in rows)
        check_cohort(cases, terms)
        parts = bound_to(
            split_rows(rows, self._sources.split_key, terms.plan.cohort.min_cases),
            self._sources.patients.frozen(terms.plan.plan_id) if is_private(terms.plan) else None,
        )
        remove_export(path)
        write_export(path, self._samples(rows, parts))
        frozen = FrozenCohort(
            plan_id=terms.plan.plan_id,
            rows_sha256=rows_digest(rows),
            cases=cases,
            training_cases=sum(part.part is Part.TRAIN for part in parts),
            frozen_at=self._sources.clock.now(),
        )
        self._sources.book.freeze(frozen, _frozen_event(frozen))
        return frozen

    def _samples(self, rows: Sequence[CohortRow], parts: Sequence[TrainingCase]) -> Iterator[Sample]:
        images = {row.case_id: row.image_ids[0] for row in rows if row.image_ids}
        told: Counter[str] = Counter()
        for case in parts:
            if case.case_id not in images:
                told["without a film"] += 1
                continue
            try:
                yield Sample(case, to_sample(self._sources.films.pixels(images[case.case_id])))
                told["exported"] += 1
            except FilmWithoutContrast:
                told["without contrast"] += 1
            except FilmUnreadable:
                told["unreadable"] += 1
        for reason, count in told.items():
            log().info("cohort", reason=reason, count=count)


def _frozen_event(frozen: FrozenCohort) -> AuditEvent:
    return AuditEvent(at=frozen.frozen_at, actor=WALL, action="cohort.frozen", subject=f"plan:{frozen.plan_id}")


def _noted_event(asked: Asked, clock: Clock) -> AuditEvent:
    subject = f"run:{asked.run_id}/{asked.exchange.value}/{asked.round}"
    return AuditEvent(at=clock.now(), actor=WALL, action="round.patients-noted", subject=subject)
