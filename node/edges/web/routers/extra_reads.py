"""Extra reads of a project, for its lead: asked while unsure, and repeats; and a reader's agreement with themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from node.consensus.adaptive import MOST_PLACES_EACH
from node.edges.web.bodies import Body
from node.edges.web.parts import Parts
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import extra_reads, repeat_cases
from node.flows.act import act_of
from node.flows.extra_reads import Asked, ExtraReads
from node.labeling.project import MAX_READS_PER_CASE
from node.labeling.repeats import Repeats
from protocols.ids import Uuid

router = APIRouter(tags=["extra reads"])


class ExtraReadsBody(Body):
    """When the next reader is asked: below which posterior, up to how many readings; how many extra places every reader
    has, and which share of them is by chance.
    """

    bound: Annotated[float, Field(gt=0.5, lt=1)]
    at_most: Annotated[int, Field(ge=2, le=MAX_READS_PER_CASE)]
    by_chance: Annotated[float, Field(gt=0, le=1)]
    places_each: Annotated[int, Field(ge=1, le=MOST_PLACES_EACH)]


class ExtraReadsView(View):
    """The same, and how many readings every case has; all none where every case is read equally often."""

    bound: float | None
    at_least: int | None
    at_most: int | None
    by_chance: float | None
    places_each: int | None
    places: int
    """How many extra places were given so far."""
    told: float
    """Share of them that were given because a case was unsure: the nearer to 1, the more an extra reading tells its
    reader."""


class RepeatsBody(Body):
    """For which share of a reader's readings there is a repeat, and after how many days."""

    share: Annotated[float, Field(gt=0, le=1)]
    after_days: Annotated[int, Field(ge=0, le=10_000)]


class RepeatsView(View):
    """What a project repeats; none where it repeats nothing."""

    repeats: RepeatsBody | None


class OwnAgreementView(View):
    """How often the reader said the same of a case both times."""

    project_id: str
    title: str
    voted: str
    cases: int
    share: float
    kappa: float | None


class OwnAgreementsView(View):
    """The own figures up to a Monday; none of fewer than ten pairs."""

    until: datetime
    figures: list[OwnAgreementView]


@router.get("/api/projects/{project_id}/extra-reads")
def extra_reads_of(project_id: Uuid, parts: Parts) -> ExtraReadsView:
    """How the project asks for extra readings."""
    return _view(extra_reads.extra_reads_of(parts.ward, project_id))


@router.put("/api/projects/{project_id}/extra-reads")
def set_extra_reads(project_id: Uuid, body: ExtraReadsBody, session: SignedInSession, parts: Parts) -> ExtraReadsView:
    """The project asks so from its next deal on."""
    act = act_of(session.person.person_id, parts.clock.now())
    asked = Asked(body.bound, body.at_most, body.by_chance, body.places_each)
    return _view(extra_reads.set_extra_reads(parts.ward, project_id, asked, act))


@router.delete("/api/projects/{project_id}/extra-reads")
def end_extra_reads(project_id: Uuid, session: SignedInSession, parts: Parts) -> ExtraReadsView:
    """Every case is read equally often; those with all their readings are closed."""
    act = act_of(session.person.person_id, parts.clock.now())
    return _view(extra_reads.set_extra_reads(parts.ward, project_id, None, act))


@router.get("/api/projects/{project_id}/repeats")
def repeats_of(project_id: Uuid, parts: Parts) -> RepeatsView:
    """What the project repeats."""
    return _repeats(repeat_cases.repeats_of(parts.ward, project_id))


@router.put("/api/projects/{project_id}/repeats")
def set_repeats(project_id: Uuid, body: RepeatsBody, session: SignedInSession, parts: Parts) -> RepeatsView:
    """So much is repeated from the next deal on."""
    act = act_of(session.person.person_id, parts.clock.now())
    chosen = Repeats(body.share, body.after_days)
    repeat_cases.set_repeats(parts.ward, project_id, chosen, act)
    return _repeats(chosen)


@router.delete("/api/projects/{project_id}/repeats")
def end_repeats(project_id: Uuid, session: SignedInSession, parts: Parts) -> RepeatsView:
    """Nothing more is repeated; what was dealt stays."""
    act = act_of(session.person.person_id, parts.clock.now())
    repeat_cases.set_repeats(parts.ward, project_id, None, act)
    return _repeats(None)


@router.get("/api/agreement/own")
def own_agreement(session: SignedInSession, parts: Parts) -> OwnAgreementsView:
    """How well the reader agrees with themselves, up to last Monday."""
    found = repeat_cases.own_agreement(parts.ward, session.person.person_id, parts.clock.now())
    figures = [OwnAgreementView.model_validate(one) for one in found.figures]
    return OwnAgreementsView(until=found.until, figures=figures)


def _view(found: ExtraReads) -> ExtraReadsView:
    setting = found.setting
    if setting is None:
        return ExtraReadsView(
            bound=None,
            at_least=None,
            at_most=None,
            by_chance=None,
            places_each=None,
            places=found.places,
            told=found.told,
        )
    return ExtraReadsView(
        bound=setting.bound,
        at_least=setting.at_least,
        at_most=setting.at_most,
        by_chance=setting.by_chance,
        places_each=setting.places_each,
        places=found.places,
        told=found.told,
    )


def _repeats(repeats: Repeats | None) -> RepeatsView:
    if repeats is None:
        return RepeatsView(repeats=None)
    return RepeatsView(repeats=RepeatsBody(share=repeats.share, after_days=repeats.after_days))
