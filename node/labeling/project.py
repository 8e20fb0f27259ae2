"""The project: a label schema, a guideline and reading rules over a set of cases; its states are a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from node.labeling.errors import ProjectStateRefused

MAX_READS_PER_CASE = 20


class ProjectState(StrEnum):
    """Cases are given to readers only while a project is open."""

    DRAFT = "draft"
    OPEN = "open"


MOVES: dict[ProjectState, frozenset[ProjectState]] = {
    ProjectState.DRAFT: frozenset({ProjectState.OPEN}),
    ProjectState.OPEN: frozenset({ProjectState.OPEN}),
}
"""Opening an open project deals anew what readers gave back or let lapse."""


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


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a lead says of a project to be made."""

    title: str
    guideline: str
    schema_code: str
    schema_version: int
    reads_per_case: int = 3
    department: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project is; for the lead only."""

    cases: int
    holdout: int
    readings: int
    closed: int
    waiting: int


def check_move(current: ProjectState, wanted: ProjectState) -> None:
    """Return when the table allows the move.

    Raises:
        ProjectStateRefused: otherwise.
    """
    if wanted not in MOVES[current]:
        raise ProjectStateRefused(f"a {current.value} project cannot become {wanted.value}")
