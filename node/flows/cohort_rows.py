"""Which cases a plan asks for, their digest, and the part each of them gets; pure but for the asking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from node.labeling.cohort_row import CohortAsked, CohortRow, TrainingCases
from node.release.refusals import CohortTooSmall
from node.training.cohort import CohortTooSmall as TooFewCases
from node.training.cohort import LabelledCase, Part, TrainingCase, split_by_patient
from protocols.plans import TrainingPlan


def cohort_rows(cases: TrainingCases, plan: TrainingPlan) -> list[CohortRow]:
    """The rows a plan asks for, of projects whose permission covers its partner."""
    return cases.rows(cohort_asked(plan))


def cohort_asked(plan: TrainingPlan) -> CohortAsked:
    """What a plan asks the ward for."""
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


def digest_without(rows_sha256: str, case_ids: Iterable[str]) -> str:
    """SHA-256 over the former digest and the cases that were taken out since."""
    lines = "".join(f"{case_id}\n" for case_id in sorted(case_ids))
    return hashlib.sha256(f"intramuros/cohort/without/1{rows_sha256}\n{lines}".encode("ascii")).hexdigest()


def split_rows(rows: Sequence[CohortRow], key: bytes, min_cases: int) -> tuple[TrainingCase, ...]:
    """The part of every case, by its patient. Raises: CohortTooSmall."""
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


def bound_to(parts: Sequence[TrainingCase], patients: frozenset[int] | None) -> Sequence[TrainingCase]:
    """The cases of a cohort; of those that train only the cases of the patients frozen, where some were."""
    if patients is None:
        return parts
    return [part for part in parts if part.part is not Part.TRAIN or part.patient_number in patients]
