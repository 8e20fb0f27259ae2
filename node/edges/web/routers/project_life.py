"""The life of a project: its pilot and report, freezing, archiving, permitted uses, the guideline and its versions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from node.consensus.agreement import QuestionAgreement
from node.edges.web.bodies import GuidelineBody, PermissionBody, PilotBody, SchemaBody
from node.edges.web.parts import Parts
from node.edges.web.reading_views import ProjectView, project_view
from node.edges.web.session import SignedInSession, SignedInViewer
from node.edges.web.views import View
from node.flows import project_life, revise
from node.flows.act import act_of
from node.labeling.guideline import LineKind
from node.labeling.permission import Permission
from node.labeling.requeue import GuidelineChange
from protocols.ids import Uuid

router = APIRouter(tags=["projects"])
Version = Annotated[int, Query(ge=1, le=100_000)]


class RevisedView(ProjectView):
    """A project whose guideline or schema changed, and how much of it is read anew."""

    readings_set_aside: int
    cases_requeued: int


class QuestionAgreementView(View):
    """Krippendorff's alpha on one question with its interval; none where it cannot be measured or is withheld."""

    question: str
    readers: int
    withheld: bool
    alpha: float | None
    low: float | None
    high: float | None


class PilotView(View):
    """What a pilot showed."""

    cases: int
    closed: int
    readings: int
    questions: list[QuestionAgreementView]


class DiffLineView(View):
    """One line of the difference of two guidelines."""

    kind: LineKind
    text: str


class GuidelineChangeView(View):
    """Two versions of a guideline and every line of both."""

    before: int
    after: int
    lines: list[DiffLineView]


@router.post("/api/projects/{project_id}/pilot")
def start_pilot(project_id: Uuid, body: PilotBody, session: SignedInSession, parts: Parts) -> ProjectView:
    """The pilot's cases are in the worklists, and no others."""
    act = act_of(session.person.person_id, parts.clock.now())
    return project_view(project_life.start_pilot(parts.ward, project_id, act, reads=body.reads))


@router.get("/api/projects/{project_id}/pilot")
def pilot_report(project_id: Uuid, viewer: SignedInViewer, parts: Parts) -> PilotView:
    """How far the pilot is, and how well its readers agree."""
    found = project_life.pilot_report(parts.ward, project_id, viewer)
    questions = [_question(one) for one in found.questions]
    return PilotView(cases=found.cases, closed=found.closed, readings=found.readings, questions=questions)


@router.post("/api/projects/{project_id}/freeze")
def freeze(project_id: Uuid, session: SignedInSession, parts: Parts) -> ProjectView:
    """No case of the project is given any more."""
    act = act_of(session.person.person_id, parts.clock.now())
    return project_view(project_life.freeze(parts.ward, project_id, act))


@router.post("/api/projects/{project_id}/archive")
def archive(project_id: Uuid, session: SignedInSession, parts: Parts) -> ProjectView:
    """The project stays as it is for good."""
    act = act_of(session.person.person_id, parts.clock.now())
    return project_view(project_life.archive(parts.ward, project_id, act))


@router.put("/api/projects/{project_id}/permission")
def set_permission(project_id: Uuid, body: PermissionBody, session: SignedInSession, parts: Parts) -> ProjectView:
    """What the readings may be used for; wider than before only in a draft."""
    act = act_of(session.person.person_id, parts.clock.now())
    permission = Permission(body.use, body.partners)
    return project_view(project_life.set_permission(parts.ward, project_id, permission, act))


@router.put("/api/projects/{project_id}/guideline")
def set_guideline(project_id: Uuid, body: GuidelineBody, session: SignedInSession, parts: Parts) -> RevisedView:
    """The guideline has a new version, the one before is kept; readings of what it touches are made anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    changes = tuple(GuidelineChange(one.question, one.options) for one in body.touches)
    new = revise.NewGuideline(body.text, changes, body.case_ids)
    return _revised(revise.set_guideline(parts.ward, project_id, new, act))


@router.put("/api/projects/{project_id}/schema")
def set_schema(project_id: Uuid, body: SchemaBody, session: SignedInSession, parts: Parts) -> RevisedView:
    """The project asks by this version of its schema; readings that do not stand under it are made anew."""
    act = act_of(session.person.person_id, parts.clock.now())
    return _revised(revise.set_schema(parts.ward, project_id, body.schema_version, act))


@router.get("/api/projects/{project_id}/guideline")
def guideline_change(project_id: Uuid, before: Version, after: Version, parts: Parts) -> GuidelineChangeView:
    """What differs between two versions of the guideline."""
    found = project_life.guideline_change(parts.ward, project_id, before=before, after=after)
    lines = [DiffLineView(kind=line.kind, text=line.text) for line in found.lines]
    return GuidelineChangeView(before=found.before, after=found.after, lines=lines)


def _revised(found: revise.Revised) -> RevisedView:
    view = project_view(found.project).model_dump()
    return RevisedView(**view, readings_set_aside=found.readings, cases_requeued=found.cases)


def _question(one: QuestionAgreement) -> QuestionAgreementView:
    figure = one.whole.figure
    return QuestionAgreementView(
        question=one.question,
        readers=one.whole.readers,
        withheld=one.whole.withheld,
        alpha=None if figure is None else figure.value,
        low=None if figure is None else figure.low,
        high=None if figure is None else figure.high,
    )
