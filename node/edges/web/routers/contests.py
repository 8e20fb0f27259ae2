"""Gold verdicts of a month that is over: a reader's own, an objection to one, and the lead's decision."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from node.edges.web.bodies import Body, MonthText
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import contests
from node.flows.act import act_of
from node.labeling.project import Project
from node.pay.contest import Contest, ContestReason, ContestState, GoldVerdict
from node.pay.month import Month
from protocols.ids import Uuid

router = APIRouter(tags=["pay"])
VotedName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9./-]{1,140}$")]


class ContestBody(Body):
    """To which verdict, and why."""

    reading_id: Uuid
    voted: VotedName
    reason: ContestReason


class ContestDecisionBody(Body):
    """Whether the objection is right."""

    reading_id: Uuid
    voted: VotedName
    upheld: bool


class GoldVerdictView(View):
    """What a reading said to one thing that is known of a gold case."""

    reading_id: str
    project_id: str
    title: str
    schema_code: str
    schema_version: int
    case_id: str
    voted: str
    said: str | None
    known: str
    right: bool
    contest: ContestState | None
    """How the objection to it stands, if there is one."""


class GoldVerdictsView(View):
    """The verdicts of a month."""

    verdicts: list[GoldVerdictView]


class ContestView(View):
    """An objection as the lead sees it: nobody's name."""

    reading_id: str
    case_id: str
    voted: str
    said: str | None
    known: str
    month: str
    reason: ContestReason
    raised_at: datetime
    state: ContestState


class ContestsView(View):
    """Every objection in a project."""

    contests: list[ContestView]


@router.get("/api/pay/own/verdicts/{month}")
def own_verdicts(month: MonthText, session: SignedInSession, parts: Parts) -> GoldVerdictsView:
    """How the own first readings of gold cases stand; 409 while the month is not over."""
    act = act_of(session.person.person_id, parts.clock.now())
    found = contests.own_verdicts(parts.pay, session.person.person_id, Month(month), act)
    states = {(one.verdict.reading_id, one.verdict.voted): one.state for one in found.contests}
    return GoldVerdictsView(
        verdicts=[
            _verdict(one, found.projects[one.project_id], states.get((one.reading_id, one.voted)))
            for one in found.verdicts
        ]
    )


@router.post("/api/pay/own/verdicts/{month}/contests", status_code=204)
def contest(month: MonthText, body: ContestBody, session: SignedInSession, parts: Parts) -> None:
    """The objection waits for the project's lead, and the month for the decision."""
    act = act_of(session.person.person_id, parts.clock.now())
    objection = contests.Objection(body.reading_id, body.voted, body.reason)
    contests.contest(parts.pay, session.person.person_id, Month(month), objection, act)


@router.get("/api/projects/{project_id}/contests")
def all_contests(project_id: Uuid, parts: Parts) -> ContestsView:
    """Every objection in the project, the oldest first."""
    return ContestsView(contests=[_contest(one) for one in contests.contests_of(parts.pay, project_id)])


@router.post("/api/projects/{project_id}/contests/decision", status_code=204)
def decide(project_id: Uuid, body: ContestDecisionBody, session: SignedInSession, parts: Parts) -> None:
    """The objection is decided for good."""
    act = act_of(session.person.person_id, parts.clock.now())
    state = ContestState.UPHELD if body.upheld else ContestState.REJECTED
    contests.decide_contest(parts.pay, project_id, (body.reading_id, body.voted), state, act)


def _verdict(one: GoldVerdict, project: Project, state: ContestState | None) -> GoldVerdictView:
    return GoldVerdictView(
        reading_id=one.reading_id,
        project_id=one.project_id,
        title=project.title,
        schema_code=project.schema_code,
        schema_version=project.schema_version,
        case_id=one.case_id,
        voted=one.voted,
        said=one.said,
        known=one.known,
        right=one.right,
        contest=state,
    )


def _contest(one: Contest) -> ContestView:
    return ContestView(
        reading_id=one.verdict.reading_id,
        case_id=one.verdict.case_id,
        voted=one.verdict.voted,
        said=one.verdict.said,
        known=one.verdict.known,
        month=one.month,
        reason=one.reason,
        raised_at=one.raised_at,
        state=one.state,
    )
