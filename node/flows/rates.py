"""Rate cards of projects, and the rate that a case is bound to when its reader takes it."""

from __future__ import annotations

from collections.abc import Sequence

from node.flows.act import Act
from node.flows.ward import Ward, WardWork
from node.labeling.assignment import Assignment
from node.labeling.project import Project
from node.labeling.reading import Reading
from node.pay.card import BoundRate, KeptCard, OwedReading, RateCard
from node.readers.departments import check_department
from node.readers.person import Person
from node.readers.rate import Rate


def set_rate_card(ward: Ward, project_id: str, card: RateCard, act: Act) -> KeptCard:
    """Cases taken from now on are paid by this card; earlier ones as was shown then.

    Raises:
        ProjectUnknown, DepartmentUnknown: there is none such.
    """
    with ward.writing() as work:
        work.projects.by_id(project_id)
        own = work.departments.own()
        for line in card.lines:
            check_department(line.department, own)
        return work.rates.set(project_id, card, act.event("rate.set", f"project:{project_id}"))


def rate_card_of(ward: Ward, project_id: str) -> KeptCard | None:
    """By which card a case of the project is paid now. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return work.rates.of(project_id)


def rate_cards(ward: Ward) -> list[tuple[Project, KeptCard | None]]:
    """Every project, the newest first, with the card by which a case of it is paid now, for who sets them."""
    with ward.reading() as work:
        return [(project, work.rates.of(project.project_id)) for project in work.projects.all()]


def offered(ward: Ward, person: Person, cases: Sequence[tuple[str, str, str | None]]) -> list[Rate | None]:
    """What each case is or would be paid to the person; none where nothing is. `cases`: project, case, and the place
    where they hold it already.
    """
    with ward.reading() as work:
        return [_offered(work, person, *one) for one in cases]


def bound_now(work: WardWork, taken: Assignment, person: Person, act: Act) -> Rate | None:
    """What the case that is taken now is paid, from now on whatever cards follow; none where no card is in force."""
    kept = work.rates.of(taken.project_id)
    if kept is None:
        return None
    difficulty = work.rates.difficulty(taken.project_id, taken.case_id)
    rate = kept.card.rate_for(person.department, difficulty)
    work.rates.bind(taken.assignment_id, BoundRate(rate, kept.version, act.now))
    return rate


def bound_before(work: WardWork, assignment_id: str) -> Rate | None:
    """What the case was bound to when its reader took it; none where nothing is owed."""
    found = work.rates.bound(assignment_id)
    return None if found is None else found.rate


def owe(work: WardWork, submitted: Reading) -> None:
    """The reading is owed what its case was bound to; nothing where no card was in force."""
    bound = work.rates.bound(submitted.assignment_id)
    if bound is None:
        return
    owed = OwedReading(
        reading_id=submitted.reading_id,
        person_id=submitted.person_id,
        project_id=submitted.project_id,
        submitted_at=submitted.submitted_at,
        amount=bound.rate.amount,
        currency=bound.rate.currency,
        card_version=bound.card_version,
    )
    work.rates.owe(owed)


def _offered(work: WardWork, person: Person, project_id: str, case_id: str, assignment_id: str | None) -> Rate | None:
    if assignment_id is not None:
        return bound_before(work, assignment_id)
    kept = work.rates.of(project_id)
    return None if kept is None else kept.card.rate_for(person.department, work.rates.difficulty(project_id, case_id))
