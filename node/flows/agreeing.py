"""What a lead sees of how well the readers of a project agree: closed cases up to last Monday, no cell of few readers.

Readers are not named, not even by a code: their figures come as a sorted list, and only where there are five or more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from node.consensus.agreement import Asked, QuestionAgreement, Read, agreement, settled_until, shown_to_lead
from node.consensus.alpha import Metric
from node.consensus.opinion_table import Opinion
from node.consensus.voted import said_to, voted_of
from node.flows.ward import Ward
from node.labeling.blinding import Viewer, withheld
from node.labeling.project import Project
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of
from protocols.labels import QuestionKind

SEED, DRAWS = 1, 400
_CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ProjectAgreement:
    """The agreement on everything voted on, of what was submitted before `until`."""

    until: datetime
    questions: tuple[QuestionAgreement, ...]


def agreement_of(ward: Ward, project_id: str, viewer: Viewer, now: datetime) -> ProjectAgreement:
    """How well the project's readers agree, as this lead may see it; the same until next Monday. Cases the lead may
    come to read are not in it.

    Raises:
        ProjectUnknown: there is no such project.
    """
    until = settled_until(now)
    with ward.reading() as work:
        project = work.projects.by_id(project_id)
        departments = {person.person_id: person.department or "" for person in work.people.all()}
        hidden = withheld(work.assignments.of_person(viewer.person_id))
    settled = (reading for reading in _closed(ward, project_id) if reading.submitted_at < until)
    readings = [reading for reading in settled if reading.case_id not in hidden]
    rng = np.random.default_rng(SEED)
    schema = schema_of(project.schema_code, project.schema_version)
    measured = []
    for voted in voted_of(schema):
        reads = [
            Read(Opinion(one.case_id, one.person_id, said), departments.get(one.person_id, ""), one.submitted_at)
            for one in readings
            for said in said_to(voted, one)
            if said is not None
        ]
        asked = Asked(voted.name, voted.options, _metric(project, voted.question))
        measured.append(shown_to_lead(agreement(asked, reads, rng, draws=DRAWS)))
    return ProjectAgreement(until, tuple(measured))


def _metric(project: Project, question: str) -> Metric:
    found = schema_of(project.schema_code, project.schema_version).question(question)
    return Metric.ORDINAL if found is not None and found.kind is QuestionKind.ORDINAL else Metric.NOMINAL


def _closed(ward: Ward, project_id: str) -> Iterator[Reading]:
    after = ""
    while True:
        with ward.reading() as work:
            page = work.consensus.closed_cases(project_id, after_case_id=after, limit=_CASES_AT_ONCE)
        for case in page:
            yield from case.readings
        if len(page) < _CASES_AT_ONCE:
            return
        after = page[-1].case_id
