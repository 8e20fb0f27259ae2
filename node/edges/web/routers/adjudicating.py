"""Adjudication: called for by a lead, taken and decided by an adjudicator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from node.consensus.adjudication import AdjudicationState, Reason, Verdict
from node.edges.web.bodies import Body
from node.edges.web.parts import Parts
from node.edges.web.reading_views import RateView, SheetView, rate_view, sheet_view
from node.edges.web.session import SignedInSession, SignedInViewer
from node.edges.web.views import View
from node.flows import adjudicate, rates
from node.flows.act import act_of
from node.flows.adjudication_ports import HeldAdjudication
from node.labeling.project import Project
from node.labeling.reading import Answer
from node.readers.rate import Rate
from protocols.encoding import Code
from protocols.ids import Uuid

router = APIRouter(tags=["adjudication"])


class CallBody(Body):
    """Which closed cases are to be adjudicated: without consensus or less sure than the bound, or with a dissent."""

    bound: Annotated[float, Field(ge=0, le=1)] = 0.0
    every_dissent: bool = False


class CalledView(View):
    """How many adjudications a call added."""

    added: int


class LeadsAdjudicationView(View):
    """One adjudication as the lead sees it."""

    adjudication_id: str
    case_id: str
    question: str
    state: AdjudicationState
    option: str | None
    reason: Reason | None


class LeadsAdjudicationsView(View):
    """The adjudications of a project."""

    adjudications: list[LeadsAdjudicationView]


class OpenAdjudicationView(View):
    """One adjudication as it is offered to an adjudicator, or held by them."""

    adjudication_id: str
    project_id: str
    title: str
    schema_code: str
    schema_version: int
    question: str
    state: AdjudicationState
    assignment_id: str | None
    rate: RateView | None
    """What the blind reading is or would be paid; none where nothing is."""


class OpenAdjudicationsView(View):
    """What the adjudicator holds, and what they could take."""

    adjudications: list[OpenAdjudicationView]


class OpinionView(View):
    """One reader's answer under a letter."""

    letter: str
    answer: Answer


class OpinionsView(View):
    """The readers' answers, and the options a verdict may name."""

    question: str
    options: list[str]
    opinions: list[OpinionView]


class VerdictBody(Body):
    """How the adjudication ends: an option, or none where the reason allows it."""

    option: Code | None = None
    reason: Reason


@router.post("/api/projects/{project_id}/adjudications", status_code=201)
def call_for(project_id: Uuid, body: CallBody, session: SignedInSession, parts: Parts) -> CalledView:
    """The closed cases that are unsure enough wait for an adjudicator."""
    act = act_of(session.person.person_id, parts.clock.now())
    call = adjudicate.Call(body.bound, body.every_dissent)
    return CalledView(added=adjudicate.call_for(parts.ward, project_id, call, act))


@router.get("/api/projects/{project_id}/adjudications")
def of_project(project_id: Uuid, viewer: SignedInViewer, parts: Parts) -> LeadsAdjudicationsView:
    """The project's adjudications and how they ended."""
    found = adjudicate.of_project(parts.ward, project_id, viewer)
    return LeadsAdjudicationsView(adjudications=[_of_lead(one) for one in found])


@router.get("/api/adjudications")
def open_adjudications(session: SignedInSession, parts: Parts) -> OpenAdjudicationsView:
    """What the adjudicator holds, and what they could take: no case they were ever given to read."""
    found = adjudicate.open_to(parts.ward, session.person.person_id)
    cases = [(one.adjudication.project_id, one.adjudication.case_id, one.assignment_id) for one, _ in found]
    paid = rates.offered(parts.ward, session.person, cases)
    shown = [_of_adjudicator(one, project, rate) for (one, project), rate in zip(found, paid, strict=True)]
    return OpenAdjudicationsView(adjudications=shown)


@router.post("/api/adjudications/{adjudication_id}/taking", status_code=201)
def take(adjudication_id: Uuid, session: SignedInSession, parts: Parts) -> SheetView:
    """The case, to be read blind like by any reader."""
    return sheet_view(adjudicate.take(parts.ward, session.person, adjudication_id, parts.clock.now()))


@router.get("/api/adjudications/{adjudication_id}/opinions")
def opinions(adjudication_id: Uuid, viewer: SignedInViewer, parts: Parts) -> OpinionsView:
    """What the readers said, unnamed, once the adjudicator's own reading is in."""
    found = adjudicate.opinions(parts.ward, viewer, adjudication_id)
    shown = [OpinionView(letter=one.letter, answer=one.answer) for one in found.shown]
    return OpinionsView(question=found.adjudication.question, options=list(found.options), opinions=shown)


@router.post("/api/adjudications/{adjudication_id}/verdict", status_code=204)
def decide(adjudication_id: Uuid, body: VerdictBody, viewer: SignedInViewer, parts: Parts) -> None:
    """The consensus on the case is the verdict."""
    verdict = Verdict(body.option, body.reason)
    adjudicate.decide(parts.ward, viewer, adjudication_id, verdict, parts.clock.now())


def _of_lead(one: HeldAdjudication) -> LeadsAdjudicationView:
    found, verdict = one.adjudication, one.verdict
    return LeadsAdjudicationView(
        adjudication_id=found.adjudication_id,
        case_id=found.case_id,
        question=found.question,
        state=found.state,
        option=None if verdict is None else verdict.option,
        reason=None if verdict is None else verdict.reason,
    )


def _of_adjudicator(one: HeldAdjudication, project: Project, rate: Rate | None) -> OpenAdjudicationView:
    found = one.adjudication
    return OpenAdjudicationView(
        adjudication_id=found.adjudication_id,
        project_id=found.project_id,
        title=project.title,
        schema_code=project.schema_code,
        schema_version=project.schema_version,
        question=found.question,
        state=found.state,
        assignment_id=one.assignment_id,
        rate=None if rate is None else rate_view(rate),
    )
