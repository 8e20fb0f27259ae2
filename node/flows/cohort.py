"""The cohort of a plan, frozen at its first instruction: the labelled cases, their samples, the read-only export.

What was frozen is recorded by count and digest; later labels do not change a run that began, but the cases of a patient
who is excluded meanwhile, and those whose project no longer permits the partner, are taken out before the next round.
An export without its record was interrupted and is made anew. Logs hold counts, never a case.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from node.flows.patients import PatientBook
from node.flows.send import WALL
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.labeling.cohort_row import CohortAsked, CohortRow, TrainingCases
from node.release.bounds import Terms, check_cohort
from node.release.patients import is_private
from node.release.refusals import CohortTooSmall, NoProjectPermits
from node.training.cohort import CohortTooSmall as TooFewCases
from node.training.cohort import LabelledCase, Part, TrainingCase, split_by_patient
from node.training.samples import (
    ExportDamaged,
    FilmWithoutContrast,
    Sample,
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
            plan_id = terms.plan.plan_id
            path = self._sources.exports / plan_id
            frozen = self._sources.book.frozen(plan_id)
            if frozen is not None and path.exists():
                try:
                    frozen = self._obeyed(frozen, path, self._sources.cases.withheld(terms.plan.partner_id))
                except ExportDamaged:
                    return self._freeze(terms, path), path
                check_cohort(frozen.cases, terms)
                if not frozen.training_cases:
                    raise CohortTooSmall("no case is left to train on")
                return frozen, path
            return self._freeze(terms, path), path

    def training_patients(self, plan: TrainingPlan) -> frozenset[int]:
        """Whom the plan would train on today. Raises: NoProjectPermits, CohortTooSmall."""
        self._check_permitted(plan)
        rows = cohort_rows(self._sources.cases, plan)
        parts = _split(rows, self._sources.split_key, plan.cohort.min_cases)
        return frozenset(part.patient_number for part in parts if part.part is Part.TRAIN)

    def permits(self, plan: TrainingPlan) -> bool:
        """Whether a project of this hospital over the plan's schema permits its partner."""
        return self._sources.cases.permitted(_asked(plan))

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
            rows_sha256=_digest_without(frozen.rows_sha256, gone),
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
        parts = _bound(
            _split(rows, self._sources.split_key, terms.plan.cohort.min_cases),
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


def cohort_rows(cases: TrainingCases, plan: TrainingPlan) -> list[CohortRow]:
    """The rows a plan asks for, of projects whose permission covers its partner."""
    return cases.rows(_asked(plan))


def _asked(plan: TrainingPlan) -> CohortAsked:
    cohort = plan.cohort
    return CohortAsked(
        schema_code=cohort.schema_code,
        schema_version=cohort.schema_version,
        question_code=cohort.question_code,
        modalities=[code.upper() for code in cohort.modalities],
        min_readings=cohort.min_readings,
        partner_id=plan.partner_id,
    )


def rows_digest(rows: Sequence[CohortRow]) -> str:
    """SHA-256 over case, film, label and part of every row, whatever their order."""
    lines = sorted(f"{row.case_id}|{','.join(row.image_ids)}|{row.label}|{int(row.holdout)}\n" for row in rows)
    return hashlib.sha256(b"intramuros/cohort/1" + "".join(lines).encode("ascii")).hexdigest()


def _digest_without(rows_sha256: str, case_ids: Iterable[str]) -> str:
    """SHA-256 over the former digest and the cases that were taken out since."""
    lines = "".join(f"{case_id}\n" for case_id in sorted(case_ids))
    return hashlib.sha256(f"intramuros/cohort/without/1{rows_sha256}\n{lines}".encode("ascii")).hexdigest()


def _split(rows: Sequence[CohortRow], key: bytes, min_cases: int) -> tuple[TrainingCase, ...]:
    labelled = [
        LabelledCase(
            case_id=row.case_id,
            patient_number=row.patient_number,
            image_path=Path(row.image_ids[0] if row.image_ids else "."),
            label=row.label,
            posterior=row.posterior if row.label == 1 else 1.0 - row.posterior,
            holdout=row.holdout,
        )
        for row in rows
    ]
    try:
        return split_by_patient(labelled, key=key, min_cases=min_cases)
    except TooFewCases as reason:
        raise CohortTooSmall(str(reason)) from None


def _bound(parts: Sequence[TrainingCase], patients: frozenset[int] | None) -> Sequence[TrainingCase]:
    """The cases of a cohort; of those that train only the cases of the patients frozen, where some were."""
    if patients is None:
        return parts
    return [part for part in parts if part.part is not Part.TRAIN or part.patient_number in patients]


def _frozen_event(frozen: FrozenCohort) -> AuditEvent:
    return AuditEvent(at=frozen.frozen_at, actor=WALL, action="cohort.frozen", subject=f"plan:{frozen.plan_id}")
