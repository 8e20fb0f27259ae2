"""One row of a training cohort: a case, its images and the label its consensus or its reference gives it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One case with a label a model can learn from or be scored on."""

    case_id: str
    patient_number: int
    image_ids: tuple[str, ...]
    label: int
    """The target of the consensus option; for a holdout row, of the uploaded reference."""
    posterior: float
    """Probability of the label given the readings, 0..1; 1 for a holdout row."""
    readings: int
    holdout: bool


@dataclass(frozen=True, slots=True)
class CohortAsked:
    """Which labelled cases are asked for, and for whose plan."""

    schema_code: str
    schema_version: int
    question_code: str
    modalities: Collection[str]
    """In capitals, as DICOM has them."""
    min_readings: int
    partner_id: str


class TrainingCases(Protocol):
    """Which labelled cases this node holds for a question."""

    def rows(self, asked: CohortAsked) -> list[CohortRow]:
        """The cases whose consensus has closed on an option with a target, and the holdout; in order of case_id.

        Only of projects whose permission covers the partner.
        """
        ...

    def permitted(self, asked: CohortAsked) -> bool:
        """Whether any project over the schema that is asked for permits the partner."""
        ...

    def patients_of(self, case_ids: Collection[str]) -> Mapping[str, int]:
        """The patient's number of each of these cases that this node holds."""
        ...

    def withheld(self, partner_id: str) -> Collection[str]:
        """The cases that stand in projects, and in none whose permission covers the partner."""
        ...
