"""A project of a hospital in a test whose readings are paid."""

from decimal import Decimal

from fakes.hospital import Hospital

from node.flows.rates import set_rate_card
from node.labeling.case_rules import Difficulty
from node.pay.card import CardLine, RateCard
from node.readers.rate import Rate


def paid_project(hospital: Hospital, films: int) -> str:
    """Hard cases are paid more; what a case is paid is said with it."""
    hard = CardLine(None, Difficulty.HARD, Decimal(2000))
    card = RateCard(Rate(Decimal(1000), "KRW", hospital.clock.now()), (hard,))
    project_id = hospital.project(films=films)
    set_rate_card(hospital.ward, project_id, card, hospital.act())
    return project_id
