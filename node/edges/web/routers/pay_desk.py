"""What the desks of pay choose from: projects with their rate cards for who pays, payment categories for IT."""

from __future__ import annotations

from fastapi import APIRouter

from node.edges.web.parts import Parts
from node.edges.web.routers.open_work import CardView, card_view
from node.edges.web.views import View
from node.flows import months, rates
from node.labeling.project import ProjectState
from node.pay.withholding import PaymentCategory

router = APIRouter(tags=["pay"])


class PaidProjectView(View):
    """A project as who pays for its readings sees it."""

    project_id: str
    title: str
    payer: str
    state: ProjectState
    rate: CardView | None
    """None where no card was set: cases taken now are paid nothing."""


class PaidProjectsView(View):
    """Every project, the newest first."""

    projects: list[PaidProjectView]


class PersonsCategoryView(View):
    """As what somebody is paid today."""

    person_id: str
    category: PaymentCategory


class CategoriesView(View):
    """Who has a payment category; nobody else has one."""

    people: list[PersonsCategoryView]


@router.get("/api/pay/projects")
def paid_projects(parts: Parts) -> PaidProjectsView:
    """Every project with what a reading of it is paid."""
    return PaidProjectsView(
        projects=[
            PaidProjectView(
                project_id=project.project_id,
                title=project.title,
                payer=project.payer,
                state=project.state,
                rate=None if card is None else card_view(card),
            )
            for project, card in rates.rate_cards(parts.ward)
        ]
    )


@router.get("/api/pay/categories")
def categories(parts: Parts) -> CategoriesView:
    """As what each person is paid today; who is not named still waits for IT to say."""
    found = months.payment_categories(parts.pay, parts.clock.now())
    return CategoriesView(
        people=[PersonsCategoryView(person_id=one, category=category) for one, category in sorted(found.items())]
    )
