"""A lead makes a project, puts cases in, sets a holdout apart, opens it, and sees how far it is and what was agreed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from node.consensus.closed_case import ClosedCase
from node.flows.act import Act
from node.flows.deal_out import deal_out
from node.flows.ward import Ward, WardWork
from node.labeling.blinding import Viewer, visible_readings, withheld
from node.labeling.errors import HoldoutRefused
from node.labeling.project import GIVES_CASES, NewProject, Progress, Project, ProjectState, check_labelers, check_move
from node.labeling.schema_shelf import schema_of
from node.readers.departments import check_department


class OriginalLookup(Protocol):
    """Which clean image came of an instance the hospital names by its own UID."""

    def image_id(self, sop_instance_uid: str) -> str | None:
        """The clean image, or none when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Reference:
    """The known answer for one instance, named as the hospital names it; the UID is looked up and never kept."""

    sop_instance_uid: str
    option: str


@dataclass(frozen=True, slots=True)
class HoldoutResult:
    """How many references found their case in the project, and how many did not."""

    matched: int
    unmatched: int


def make_project(ward: Ward, new: NewProject, act: Act, *, project_id: str) -> Project:
    """The project exists as a draft.

    Raises:
        SchemaUnknown, DepartmentUnknown: it names what this node does not have.
        LabelersRefused: lay labelers shall read, and the schema asks for free text.
    """
    schema = schema_of(new.schema_code, new.schema_version)
    if new.labelers:
        check_labelers(schema)
    with ward.writing() as work:
        check_department(new.department, work.departments.own())
        work.projects.add(project_id, new, act.event("project.made", f"project:{project_id}"))
        return work.projects.by_id(project_id)


def projects(ward: Ward) -> list[Project]:
    """Every project, the newest first."""
    with ward.reading() as work:
        return list(work.projects.all())


def project_of(ward: Ward, project_id: str) -> Project:
    """The project of this identifier. Raises: ProjectUnknown."""
    with ward.reading() as work:
        return work.projects.by_id(project_id)


def open_project(ward: Ward, project_id: str, act: Act) -> Project:
    """Readers have the project in their worklists; on an open one, what was declined or lapsed is dealt to others.

    Raises:
        ProjectUnknown, ProjectStateRefused: it cannot be opened.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        check_move(project.state, ProjectState.OPEN)
        reason = "without-pilot" if project.state is ProjectState.DRAFT else ""
        event = act.event("project.opened", f"project:{project_id}", reason)
        work.projects.set_state(project_id, ProjectState.OPEN, event)
        deal_out(work, project_id, act)
        return replace(project, state=ProjectState.OPEN)


def add_cases(ward: Ward, project_id: str, modalities: Collection[str], act: Act) -> int:
    """The number of cases added: all of these modalities that the project did not have.

    Raises:
        ProjectUnknown: there is no such project.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        case_ids = work.cases.outside_project(project_id, modalities)
        event = act.event("project.cases-added", f"project:{project_id}")
        work.project_cases.add_cases(project_id, case_ids, event)
        if project.state in GIVES_CASES:
            deal_out(work, project_id, act)
        return len(case_ids)


def set_holdout(
    ward: Ward, lookup: OriginalLookup, project_id: str, references: Sequence[Reference], act: Act
) -> HoldoutResult:
    """Exactly the cases these references name are the project's holdout: never offered, never learnt from.

    Raises:
        ProjectUnknown: there is no such project.
        HoldoutRefused: an option without a target, two options for one case, or a schema of several questions.
    """
    project = project_of(ward, project_id)
    _check_options(project, {reference.option for reference in references})
    option_of_image = {lookup.image_id(reference.sop_instance_uid): reference.option for reference in references}
    named = {image_id: option for image_id, option in option_of_image.items() if image_id is not None}
    with ward.writing() as work:
        work.deals.held_for_deal(project_id)
        found = _cases_named(work, project_id, named)
        event = act.event("project.holdout-set", f"project:{project_id}")
        work.project_cases.set_references(project_id, dict(found), event)
        if project.state in GIVES_CASES:
            deal_out(work, project_id, act)
    return HoldoutResult(len(found), len(references) - len(found))


def progress(ward: Ward, project_id: str) -> Progress:
    """How far the project is. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return work.consensus.progress(project_id)


def closed_cases(ward: Ward, project_id: str, viewer: Viewer, *, after_case_id: str, limit: int) -> list[ClosedCase]:
    """Closed cases with consensus, and with the readings this viewer may see; none the viewer may come to read.

    Raises:
        ProjectUnknown: there is no such project.
    """
    with ward.reading() as work:
        work.projects.by_id(project_id)
        hidden = withheld(work.assignments.of_person(viewer.person_id))
        found: list[ClosedCase] = []
        while len(found) < limit:
            page = work.consensus.closed_cases(project_id, after_case_id=after_case_id, limit=limit)
            found += [case for case in page if case.case_id not in hidden]
            if len(page) < limit:
                break
            after_case_id = page[-1].case_id
    return [replace(case, readings=visible_readings(case.readings, viewer, case_closed=True)) for case in found[:limit]]


def _check_options(project: Project, options: set[str]) -> None:
    schema = schema_of(project.schema_code, project.schema_version)
    if len(schema.questions) != 1:
        raise HoldoutRefused("references need a schema of one question")
    known = {option.code for option in schema.questions[0].options if option.target is not None}
    if not options <= known:
        raise HoldoutRefused("a reference names an option without a target")


def _cases_named(work: WardWork, project_id: str, option_of_image: Mapping[str, str]) -> list[tuple[str, str]]:
    """Case and option of every image that belongs to a case of the project."""
    inside = work.project_cases.case_ids(project_id)
    case_of_image = work.cases.case_ids_of_images(list(option_of_image))
    found = [
        (case_of_image[image_id], option)
        for image_id, option in option_of_image.items()
        if case_of_image.get(image_id) in inside
    ]
    if len(set(found)) != len(dict(found)):
        raise HoldoutRefused("two references disagree about one case")
    return found
