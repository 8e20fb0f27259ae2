"""What a reader is shown: the worklist per project, and the sheet of one case. Only ever the reader's own."""

from __future__ import annotations

from dataclasses import dataclass

from node.labeling.assignment import Assignment
from node.labeling.project import Project
from node.readers.rate import Rate


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One open project in a reader's worklist; counts are of the reader's own places."""

    project: Project
    waiting: int
    submitted: int
    held_assignment_id: str | None


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One image of a case, as the page needs it before any pixel."""

    image_id: str
    rows: int
    columns: int
    frames: int
    modality: str
    view: str
    series: int = 1
    """Which of the case's series it belongs to, counted from 1 in the order of the images."""


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """Everything a reader gets with a case: nothing names the patient, nothing tells of other readers."""

    assignment: Assignment
    project: Project
    sex: str
    age_band: str
    images: tuple[CaseImage, ...]
    rate: Rate | None = None
    """What the reading is paid, whatever it says; none where nothing is owed."""
