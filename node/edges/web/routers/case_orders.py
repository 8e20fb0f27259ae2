"""What a lead says of a project's cases: rules to readers, rests, difficulty, urgency; who has a case; reassigning."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from node.edges.web.bodies import Body
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession, SignedInViewer
from node.edges.web.views import View
from node.flows import case_orders
from node.flows.act import act_of
from node.flows.projects import project_of
from node.labeling.assignment import AssignmentState
from node.labeling.case_rules import MAX_RULES, CaseRule, Difficulty, Priority, Urgency
from node.labeling.fatigue import Rest
from node.labeling.ordered_case import OrderedCase
from node.labeling.project import Project
from protocols.ids import Uuid

router = APIRouter(tags=["projects"])
Limit = Annotated[int, Query(ge=1, le=500)]


class RestBody(Body):
    """After how many readings without one a rest is due, and how long it is."""

    after_readings: Annotated[int, Field(ge=1, le=500)]
    minutes: Annotated[int, Field(ge=1, le=240)]


class RulesBody(Body):
    """The rules, in the order in which they are asked, and the rest, if there is one."""

    rules: Annotated[tuple[CaseRule, ...], Field(max_length=MAX_RULES)]
    rest: RestBody | None = None


class RulesView(View):
    """The rules of a project."""

    rules: list[CaseRule]
    rest: RestBody | None


class MarkBody(Body):
    """What is said of these cases."""

    case_ids: Annotated[tuple[Uuid, ...], Field(min_length=1, max_length=1000)]
    difficulty: Difficulty = Difficulty.USUAL
    priority: Priority = Priority.USUAL
    due_on: date | None = None


class MarkedView(View):
    """How many cases were marked."""

    marked: int


class OrderedCaseView(View):
    """One case and what was said of it; nothing of what readers did."""

    case_id: str
    modality: str
    body_part: str
    difficulty: Difficulty
    priority: Priority
    due_on: date | None


class OrderedCasesView(View):
    """Cases in order of case_id; `next_after` asks for the rest."""

    cases: list[OrderedCaseView]
    next_after: str | None


class PlaceView(View):
    """One reader's place for a case, by the reader's code."""

    person_id: str
    state: AssignmentState
    lease_until: datetime | None


class PlacesView(View):
    """Who has a case."""

    places: list[PlaceView]


class ReassignBody(Body):
    """From whom the case is taken."""

    person_id: Uuid


@router.get("/api/projects/{project_id}/rules")
def rules(project_id: Uuid, parts: Parts) -> RulesView:
    """By which rules the project's cases ask for readers, and when a rest is due."""
    return _rules(project_of(parts.ward, project_id))


@router.put("/api/projects/{project_id}/rules")
def set_rules(project_id: Uuid, body: RulesBody, session: SignedInSession, parts: Parts) -> RulesView:
    """Cases ask for readers by these rules, and are dealt anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    rest = None if body.rest is None else Rest(body.rest.after_readings, body.rest.minutes)
    return _rules(case_orders.set_rules(parts.ward, project_id, body.rules, rest, act))


@router.put("/api/projects/{project_id}/cases/marks")
def mark_cases(project_id: Uuid, body: MarkBody, session: SignedInSession, parts: Parts) -> MarkedView:
    """The cases are so, and stand where that puts them in every worklist."""
    act = act_of(session.person.person_id, parts.clock.now())
    mark = case_orders.CaseMark(body.case_ids, body.difficulty, Urgency(body.priority, body.due_on))
    return MarkedView(marked=case_orders.mark_cases(parts.ward, project_id, mark, act))


@router.get("/api/projects/{project_id}/cases")
def ordered_cases(project_id: Uuid, parts: Parts, after: Uuid | None = None, limit: Limit = 100) -> OrderedCasesView:
    """The project's cases with what was said of them."""
    found = case_orders.ordered_cases(parts.ward, project_id, after_case_id=after or "", limit=limit)
    more = found[-1].case_id if len(found) == limit else None
    return OrderedCasesView(cases=[_case(one) for one in found], next_after=more)


@router.get("/api/projects/{project_id}/cases/{case_id}/places")
def places(project_id: Uuid, case_id: Uuid, viewer: SignedInViewer, parts: Parts) -> PlacesView:
    """Who has the case, and how far each is."""
    found = case_orders.places(parts.ward, project_id, case_id, viewer)
    return PlacesView(
        places=[PlaceView(person_id=one.person_id, state=one.state, lease_until=one.lease_until) for one in found]
    )


@router.post("/api/projects/{project_id}/cases/{case_id}/reassignment", status_code=204)
def reassign(project_id: Uuid, case_id: Uuid, body: ReassignBody, session: SignedInSession, parts: Parts) -> None:
    """The case is taken from the reader for good, and dealt to another where there is one."""
    act = act_of(session.person.person_id, parts.clock.now())
    case_orders.reassign(parts.ward, project_id, case_id, body.person_id, act)


def _rules(project: Project) -> RulesView:
    rest = project.rest
    shown = None if rest is None else RestBody(after_readings=rest.after_readings, minutes=rest.minutes)
    return RulesView(rules=list(project.rules), rest=shown)


def _case(one: OrderedCase) -> OrderedCaseView:
    return OrderedCaseView(
        case_id=one.case_id,
        modality=one.traits.modality,
        body_part=one.traits.body_part,
        difficulty=one.traits.difficulty,
        priority=one.urgency.priority,
        due_on=one.urgency.due_on,
    )
