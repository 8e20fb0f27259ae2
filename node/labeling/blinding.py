"""Who may see whose work: the whole rule in one place, pure.

A reader sees own work only, before and after submitting; another reader's assignment is to them as one that does not
exist. A lead sees opinions and dissent of closed cases only, so that an open reading can never be steered. Counts and
times of others are for the lead and the auditor, and `readers.roles` lets neither of them read. Whoever has an
unfinished place on a case, in whatever project, sees nothing of it in whatever role: no reading, no consensus, no
agreement it is part of (`withheld`). Not here: which cases are dealt to whom, which no reader's act can change
(`labeling.deal`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from node.labeling.assignment import UNFINISHED, Assignment
from node.labeling.errors import AssignmentUnknown
from node.labeling.reading import Reading
from node.readers.roles import READS_BLIND, Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks."""

    person_id: str
    roles: Collection[Role]


def own(assignment: Assignment | None, viewer: Viewer) -> Assignment:
    """The viewer's own assignment.

    Raises:
        AssignmentUnknown: there is none, or it is another reader's: the same answer for both.
    """
    if assignment is None or assignment.person_id != viewer.person_id:
        raise AssignmentUnknown("no such assignment")
    return assignment


def withheld(places: Iterable[Assignment]) -> frozenset[str]:
    """The cases of which somebody with these places is told nothing of what others did."""
    return frozenset(place.case_id for place in places if place.state in UNFINISHED)


def visible_readings(readings: Iterable[Reading], viewer: Viewer, *, case_closed: bool) -> tuple[Reading, ...]:
    """Those of the case's readings that the viewer may see."""
    sees_all = case_closed and Role.LEAD in viewer.roles and READS_BLIND.isdisjoint(viewer.roles)
    return tuple(reading for reading in readings if sees_all or reading.person_id == viewer.person_id)
