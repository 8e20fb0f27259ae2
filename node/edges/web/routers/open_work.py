"""What a reader may begin and what it is paid, before starting; the rate card as its holder sets it."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter

from node.edges.web.parts import Parts
from node.edges.web.people_bodies import RateBody
from node.edges.web.reading_views import RateView, rate_view
from node.edges.web.session import SignedInSession
from node.edges.web.views import View
from node.flows import open_work, rates
from node.flows.act import act_of
from node.labeling.case_rules import Difficulty
from node.labeling.permission import PermittedUse
from node.pay.card import CardLine, KeptCard, RateCard
from node.readers.rate import Rate
from protocols.ids import Uuid

router = APIRouter(tags=["open-work"])


class CardLineView(View):
    """Where a specialty or a difficulty is paid otherwise."""

    department: str | None
    difficulty: Difficulty | None
    amount: str


class CardView(RateView):
    """A rate card: what a reading is paid where no line says otherwise, and the lines."""

    version: int
    lines: list[CardLineView]


class ProjectRateView(View):
    """The rate card of a project; none where none was set."""

    rate: CardView | None


class DifficultyRateView(View):
    """What a case of this difficulty is paid."""

    difficulty: Difficulty
    amount: str


class OpenWorkRowView(View):
    """One project whose cases the reader may be given."""

    project_id: str
    title: str
    guideline: str
    schema_code: str
    payer: str
    permitted_use: PermittedUse
    """What the readings may be used for; said before anybody starts."""
    rate: RateView | None
    """Of a usual case."""
    by_difficulty: list[DifficultyRateView]
    """In the same currency."""


class OpenWorkView(View):
    """Everything the reader may begin."""

    projects: list[OpenWorkRowView]


@router.get("/api/open-work")
def all_open_work(session: SignedInSession, parts: Parts) -> OpenWorkView:
    """The open projects this reader suits, each with its rates; nothing of what others did."""
    found = open_work.open_work(parts.ward, session.person, parts.clock.now())
    return OpenWorkView(
        projects=[
            OpenWorkRowView(
                project_id=one.project.project_id,
                title=one.project.title,
                guideline=one.project.guideline,
                schema_code=one.project.schema_code,
                payer=one.project.payer,
                permitted_use=one.project.permission.use,
                rate=rate_view(one.rates[Difficulty.USUAL]) if one.rates else None,
                by_difficulty=[
                    DifficultyRateView(difficulty=difficulty, amount=str(rate.amount))
                    for difficulty, rate in one.rates.items()
                ],
            )
            for one in found
        ]
    )


@router.get("/api/projects/{project_id}/rate")
def rate(project_id: Uuid, parts: Parts) -> ProjectRateView:
    """What a reading of the project is paid."""
    kept = rates.rate_card_of(parts.ward, project_id)
    return ProjectRateView(rate=None if kept is None else card_view(kept))


@router.put("/api/projects/{project_id}/rate")
def set_rate(project_id: Uuid, body: RateBody, session: SignedInSession, parts: Parts) -> ProjectRateView:
    """Cases taken from now on are paid by this card; earlier ones as was shown then."""
    act = act_of(session.person.person_id, parts.clock.now())
    lines = tuple(CardLine(line.department, line.difficulty, Decimal(line.amount)) for line in body.lines)
    card = RateCard(Rate(Decimal(body.amount), body.currency, act.now), lines)
    return ProjectRateView(rate=card_view(rates.set_rate_card(parts.ward, project_id, card, act)))


def card_view(kept: KeptCard) -> CardView:
    """The card as people see it."""
    rate = kept.card.rate
    return CardView(
        amount=str(rate.amount),
        currency=rate.currency,
        since=rate.since,
        version=kept.version,
        lines=[
            CardLineView(department=line.department, difficulty=line.difficulty, amount=str(line.amount))
            for line in kept.card.lines
        ],
    )
