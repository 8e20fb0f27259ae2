"""Which cases train, which validate, and which are only ever looked at once.

Rules: the split is by patient, by a hash keyed with a secret of the hospital, so that it is the same tomorrow and
nobody outside can compute it; no patient is in two parts. The project marks the holdout, and the mark binds the
patient: the patient's other cases are left out altogether. A cohort of one class may train; it has no AUC.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from node.ground.errors import NodeError

VALIDATION_FRACTION = 0.2


class Part(StrEnum):
    """What a case is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    HOLDOUT = "holdout"


class CohortTooSmall(NodeError):
    """Fewer cases or patients than training asks for."""


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """A case with what its consensus says; `posterior` is the probability of label 1, 0..1."""

    case_id: str
    patient_number: int
    image_path: Path
    label: int
    posterior: float
    holdout: bool = False

    def __post_init__(self) -> None:
        """Hold a label of 0 or 1 and a posterior that is a probability."""
        if self.label not in (0, 1) or not 0.0 <= self.posterior <= 1.0:
            raise ValueError(f"case {self.case_id}: label {self.label}, posterior {self.posterior}")


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """A labelled case that has its part."""

    case_id: str
    patient_number: int
    image_path: Path
    label: int
    posterior: float
    part: Part


def patient_hash(patient_number: int, *, key: bytes) -> float:
    """A number in [0, 1) that belongs to the patient: HMAC-SHA-256 under the hospital's split key."""
    digest = hmac.new(key, b"split/1|%d" % patient_number, hashlib.sha256).digest()
    return int.from_bytes(digest[:6], "big") / 2.0**48


def split_by_patient(
    cases: Sequence[LabelledCase], *, key: bytes, min_cases: int, validation_fraction: float = VALIDATION_FRACTION
) -> tuple[TrainingCase, ...]:
    """Every case that is used, with its part, in the order given.

    The patient with the lowest hash always validates and the one with the highest always trains, so that neither part
    is empty; the others go by the fraction.

    Raises:
        CohortTooSmall: fewer than `min_cases` cases, or fewer than two patients, outside the holdout.
    """
    held_out = {case.patient_number for case in cases if case.holdout}
    usable = [case for case in cases if case.holdout or case.patient_number not in held_out]
    open_cases = [case for case in usable if not case.holdout]
    patients = {case.patient_number for case in open_cases}
    if len(open_cases) < min_cases or len(patients) < 2:
        raise CohortTooSmall(
            f"{len(open_cases)} cases of {len(patients)} patients, needed {min_cases} cases of 2 patients"
        )
    validating = _validating_patients(patients, key, validation_fraction)
    return tuple(_with_part(case, validating) for case in usable)


def _validating_patients(patients: set[int], key: bytes, validation_fraction: float) -> set[int]:
    ranked = sorted(patients, key=lambda number: patient_hash(number, key=key))
    below = {number for number in ranked if patient_hash(number, key=key) < validation_fraction}
    return (below | {ranked[0]}) - {ranked[-1]}


def _with_part(case: LabelledCase, validating: set[int]) -> TrainingCase:
    open_part = Part.VALIDATION if case.patient_number in validating else Part.TRAIN
    part = Part.HOLDOUT if case.holdout else open_part
    return TrainingCase(case.case_id, case.patient_number, case.image_path, case.label, case.posterior, part)


def cases_in(cases: Sequence[TrainingCase], part: Part) -> tuple[TrainingCase, ...]:
    """The cases of one part, in their order."""
    return tuple(case for case in cases if case.part is part)
