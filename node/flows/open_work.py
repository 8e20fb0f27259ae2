"""What a reader may begin, with its rates, before starting: only what the project says, nothing that others did.

No count of cases is told: it could tell how far others are. Where no card is set, no rate is shown, and none is owed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from node.flows.deal_out import suits_some
from node.flows.ward import Ward, WardWork
from node.labeling.case_rules import Difficulty
from node.labeling.project import GIVES_CASES, Project
from node.readers.person import Person
from node.readers.rate import Rate


@dataclass(frozen=True, slots=True)
class OpenWork:
    """One project whose cases the reader may be given, and what a reading of it is paid."""

    project: Project
    rates: Mapping[Difficulty, Rate]
    """By difficulty; empty where nothing is owed."""


def open_work(ward: Ward, person: Person, now: datetime) -> list[OpenWork]:
    """The open projects this reader suits, the newest first."""
    with ward.reading() as work:
        tasks = work.certificates.open_tasks(now).get(person.person_id, frozenset())
        found = [
            project
            for project in work.projects.all()
            if project.state in GIVES_CASES and suits_some(person, project, tasks, now)
        ]
        return [OpenWork(project, _rates(work, project, person)) for project in found]


def _rates(work: WardWork, project: Project, person: Person) -> Mapping[Difficulty, Rate]:
    kept = work.rates.of(project.project_id)
    return {} if kept is None else kept.card.shown_to(person.department)
