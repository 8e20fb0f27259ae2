"""The project: a label schema, a guideline and reading rules over a set of cases; its states are a table.

A project may be opened without a pilot; the audit trail says so. A frozen project gives no case and loses nothing; an
archived one stays as it is for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.labeling.case_rules import CaseRules
from node.labeling.errors import LabelersRefused, ProjectStateRefused
from node.labeling.fatigue import Rest
from node.labeling.permission import NOTHING_LEAVES, Permission
from protocols.labels import LabelSchema

MAX_READS_PER_CASE = 20


class ProjectState(StrEnum):
    """Cases are given to readers only while a project is a pilot, and then of the pilot alone, or open."""

    DRAFT = "draft"
    PILOT = "pilot"
    OPEN = "open"
    FROZEN = "frozen"
    ARCHIVED = "archived"


_S = ProjectState
MOVES: dict[ProjectState, frozenset[ProjectState]] = {
    _S.DRAFT: frozenset({_S.PILOT, _S.OPEN, _S.ARCHIVED}),
    _S.PILOT: frozenset({_S.PILOT, _S.OPEN, _S.FROZEN}),
    _S.OPEN: frozenset({_S.OPEN, _S.FROZEN}),
    _S.FROZEN: frozenset({_S.OPEN, _S.ARCHIVED}),
    _S.ARCHIVED: frozenset(),
}
"""Opening an open project, or a pilot begun again, deals anew what readers gave back or let lapse."""
GIVES_CASES = frozenset({_S.PILOT, _S.OPEN})
"""The states in which readers are given cases."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project and its reading rules."""

    project_id: str
    title: str
    guideline: str
    schema_code: str
    schema_version: int
    reads_per_case: int
    department: str | None
    """Only readers of this department are given cases; none means any."""
    state: ProjectState
    labelers: bool = False
    """Lay labelers who hold the task's certificate are given cases too."""
    payer: str = ""
    """Who pays for the readings, in words; empty where nobody does."""
    permission: Permission = NOTHING_LEAVES
    guideline_version: int = 1
    rules: CaseRules = ()
    """Which cases ask for which readers; the first that matches decides."""
    rest: Rest | None = None
    reads_at_most: int | None = None
    """Where the next reader is asked only while consensus is unsure: for no case more often. Such cases close when they
    are dealt, never on a reader's act."""


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a lead says of a project to be made."""

    title: str
    guideline: str
    schema_code: str
    schema_version: int
    reads_per_case: int = 3
    department: str | None = None
    labelers: bool = False
    payer: str = ""
    permission: Permission = NOTHING_LEAVES


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project is; for the lead only."""

    cases: int
    holdout: int
    readings: int
    closed: int
    waiting: int


def check_labelers(schema: LabelSchema) -> None:
    """Return when lay labelers may answer the schema. Raises: LabelersRefused where it asks for free text."""
    if not all(question.may_leave for question in schema.questions):
        raise LabelersRefused("lay labelers are asked for no free text")


def check_move(current: ProjectState, wanted: ProjectState) -> None:
    """Return when the table allows the move.

    Raises:
        ProjectStateRefused: otherwise.
    """
    if wanted not in MOVES[current]:
        raise ProjectStateRefused(f"a {current.value} project cannot become {wanted.value}")
