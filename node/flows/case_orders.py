"""A lead says which cases ask for which readers and come first, sees who has a case, and takes one from a reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from node.flows.act import Act
from node.flows.adjudicate import given_back
from node.flows.deal_out import deal_out
from node.flows.ward import Ward
from node.labeling.assignment import Assignment, AssignmentState, check_move
from node.labeling.blinding import Viewer, withheld
from node.labeling.case_rules import CaseRules, Difficulty, Urgency
from node.labeling.errors import AssignmentUnknown, CaseUnknown
from node.labeling.fatigue import Rest
from node.labeling.ordered_case import OrderedCase
from node.labeling.project import Project
from node.readers.departments import check_department


@dataclass(frozen=True, slots=True)
class CaseMark:
    """What is said of some cases."""

    case_ids: Sequence[str]
    difficulty: Difficulty
    urgency: Urgency


def set_rules(ward: Ward, project_id: str, rules: CaseRules, rest: Rest | None, act: Act) -> Project:
    """Cases ask for readers by these rules, and are dealt anew.

    Raises:
        ProjectUnknown, DepartmentUnknown: there is no such project or department.
    """
    with ward.writing() as work:
        own = work.departments.own()
        for rule in rules:
            check_department(rule.department, own)
        project = work.deals.held_for_deal(project_id)
        work.orders.set_rules(project_id, rules, rest, act.event("project.rules-set", f"project:{project_id}"))
        deal_out(work, project_id, act)
        return replace(project, rules=rules, rest=rest)


def mark_cases(ward: Ward, project_id: str, mark: CaseMark, act: Act) -> int:
    """The cases are so, stand where that puts them in every worklist, and are dealt anew; how many they are.

    Raises:
        ProjectUnknown, CaseUnknown: there is no such project, or it has not all of these cases.
    """
    with ward.writing() as work:
        work.deals.held_for_deal(project_id)
        if not set(mark.case_ids) <= work.project_cases.case_ids(project_id):
            raise CaseUnknown("a case is not the project's")
        event = act.event("project.cases-marked", f"project:{project_id}")
        work.orders.mark(project_id, mark.case_ids, mark.difficulty, mark.urgency, event)
        deal_out(work, project_id, act)
        return len(mark.case_ids)


def ordered_cases(ward: Ward, project_id: str, *, after_case_id: str, limit: int) -> list[OrderedCase]:
    """The project's cases with what was said of them. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return work.orders.cases(project_id, after_case_id=after_case_id, limit=limit)


def places(ward: Ward, project_id: str, case_id: str, viewer: Viewer) -> list[Assignment]:
    """Who has the case, and how far each is.

    Raises:
        ProjectUnknown: there is no such project.
        CaseUnknown: the viewer may come to read the case.
    """
    with ward.reading() as work:
        work.projects.by_id(project_id)
        if case_id in withheld(work.assignments.of_person(viewer.person_id)):
            raise CaseUnknown("not to be told to somebody who may come to read it")
        return work.orders.places(project_id, case_id)


def reassign(ward: Ward, project_id: str, case_id: str, person_id: str, act: Act) -> None:
    """The case is taken from the reader for good and dealt to another, if there is one; the draft is kept.

    Raises:
        AssignmentUnknown: the reader has no place for the case.
        AssignmentClosed, LeaseLapsed: it was read, declined or taken before.
    """
    with ward.writing() as work:
        work.deals.held_for_deal(project_id)
        found = [one for one in work.orders.places(project_id, case_id) if one.person_id == person_id]
        if not found:
            raise AssignmentUnknown("no such assignment")
        check_move(found[0].state, AssignmentState.REASSIGNED)
        event = act.event("case.reassigned", f"case:{case_id}")
        work.assignments.move(found[0].assignment_id, AssignmentState.REASSIGNED, None, event)
        given_back(work, found[0])
        deal_out(work, project_id, act)
