"""The life of a project beside its opening: pilot with its report, freeze, archive, permission, guidelines compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from node.consensus.agreement import Asked, QuestionAgreement, Read, agreement, shown_to_lead
from node.consensus.opinion_table import Opinion
from node.flows.act import Act
from node.flows.deal_out import deal_out
from node.flows.ward import Ward, WardWork
from node.labeling.blinding import Viewer, withheld
from node.labeling.guideline import DiffLine, difference
from node.labeling.permission import Permission, check_change
from node.labeling.pilot import pilot_cases
from node.labeling.project import Project, ProjectState, check_move
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of
from protocols.labels import Question, QuestionKind

_SEED = 1
"""Of the intervals: the same report for the same readings."""


@dataclass(frozen=True, slots=True)
class PilotReport:
    """What a pilot showed: how many of its cases are closed, and agreement per question of single choice.

    Chance-corrected figures are withheld below five readers, so that none speaks of one person.
    """

    cases: int
    closed: int
    readings: int
    questions: tuple[QuestionAgreement, ...]


@dataclass(frozen=True, slots=True)
class GuidelineChange:
    """Two versions of a guideline and every line of both."""

    before: int
    after: int
    lines: tuple[DiffLine, ...]


def start_pilot(ward: Ward, project_id: str, act: Act, *, reads: int) -> Project:
    """The pilot's cases, and no others, are in the worklists; begun again, what was given back is dealt anew.

    Raises:
        ProjectUnknown, ProjectStateRefused: it cannot become a pilot.
        PilotRefused: not 20 to 50 reads, or too few cases for them.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        check_move(project.state, ProjectState.PILOT)
        if project.state is not ProjectState.PILOT:
            case_ids = work.deals.open_case_ids(project_id)
            drawn = pilot_cases(project_id, case_ids, reads=reads, reads_per_case=project.reads_per_case)
            work.project_cases.set_pilot(project_id, drawn)
        return _moved(work, project, ProjectState.PILOT, "project.piloted", act)


def freeze(ward: Ward, project_id: str, act: Act) -> Project:
    """No case is given any more; places are withdrawn, drafts kept. Raises: ProjectUnknown, ProjectStateRefused."""
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        check_move(project.state, ProjectState.FROZEN)
        return _moved(work, project, ProjectState.FROZEN, "project.frozen", act)


def archive(ward: Ward, project_id: str, act: Act) -> Project:
    """The project stays as it is for good. Raises: ProjectUnknown, ProjectStateRefused."""
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        check_move(project.state, ProjectState.ARCHIVED)
        return _moved(work, project, ProjectState.ARCHIVED, "project.archived", act)


def set_permission(ward: Ward, project_id: str, permission: Permission, act: Act) -> Project:
    """The readings may be used so from now on; a run that began loses what it may not use before its next round.

    Raises:
        ProjectUnknown: there is none such.
        PermissionRefused: it would be wider than before, and the project is no draft any more.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        check_change(project.permission, permission, draft=project.state is ProjectState.DRAFT)
        event = act.event("project.permission-set", f"project:{project_id}", permission.use.value)
        work.projects.set_permission(project_id, permission, event)
        return replace(project, permission=permission)


def guideline_change(ward: Ward, project_id: str, *, before: int, after: int) -> GuidelineChange:
    """What differs between two versions. Raises: ProjectUnknown, GuidelineUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        old, new = work.guidelines.of(project_id, before), work.guidelines.of(project_id, after)
    return GuidelineChange(before, after, tuple(difference(old.text, new.text)))


def pilot_report(ward: Ward, project_id: str, viewer: Viewer) -> PilotReport:
    """Agreement over the closed cases of the pilot, per question, without those the viewer may come to read.

    Raises:
        ProjectUnknown: there is no such project.
    """
    with ward.reading() as work:
        project = work.projects.by_id(project_id)
        hidden = withheld(work.assignments.of_person(viewer.person_id))
        pilot = {one: done for one, done in work.project_cases.pilot(project_id).items() if one not in hidden}
        closed = [case_id for case_id, is_closed in pilot.items() if is_closed]
        readings = [reading for case_id in closed for reading in work.readings.of_case(project_id, case_id)]
        departments = {person.person_id: person.department or "" for person in work.people.all()}
    measured = [
        _agreement(question, list(_reads(question, readings, departments)))
        for question in schema_of(project.schema_code, project.schema_version).questions
        if question.kind is QuestionKind.SINGLE and question.per_mark is None
    ]
    return PilotReport(len(pilot), len(closed), len(readings), tuple(measured))


def _reads(question: Question, readings: Iterable[Reading], departments: Mapping[str, str]) -> Iterator[Read]:
    for reading in readings:
        for answer in reading.content.answers:
            if answer.question == question.code and answer.option is not None:
                opinion = Opinion(reading.case_id, reading.person_id, answer.option)
                yield Read(opinion, departments.get(reading.person_id, ""), reading.submitted_at)


def _agreement(question: Question, reads: Sequence[Read]) -> QuestionAgreement:
    asked = Asked(question.code, tuple(option.code for option in question.options))
    return shown_to_lead(agreement(asked, reads, np.random.default_rng(_SEED)))


def _moved(work: WardWork, project: Project, state: ProjectState, action: str, act: Act) -> Project:
    work.projects.set_state(project.project_id, state, act.event(action, f"project:{project.project_id}"))
    deal_out(work, project.project_id, act)
    return replace(project, state=state)
