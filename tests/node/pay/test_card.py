"""A rate card says one thing of each reading, and nothing of a card asks what a case is for."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest

from node.labeling.case_rules import Difficulty
from node.pay.card import MAX_LINES, CardLine, RateCard
from node.pay.errors import CardRefused
from node.readers.errors import RateRefused
from node.readers.rate import Rate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
USUAL, HARD = Difficulty.USUAL, Difficulty.HARD


def line(amount: str, department: str | None = None, difficulty: Difficulty | None = None) -> CardLine:
    return CardLine(department, difficulty, Decimal(amount))


def card(*lines: CardLine) -> RateCard:
    return RateCard(Rate(Decimal("1000.10"), "KRW", NOW), lines)


def test_the_line_that_says_most_of_a_reading_counts() -> None:
    made = card(line("4", "radiology", HARD), line("3", "radiology"), line("2", difficulty=HARD))
    found = {
        (department, difficulty): made.rate_for(department, difficulty).amount
        for department, difficulty in product(("radiology", "urology", None), Difficulty)
    }
    assert {kind for kind, amount in found.items() if amount == 4} == {("radiology", HARD)}
    assert {kind for kind, amount in found.items() if amount == 3} == {
        ("radiology", USUAL),
        ("radiology", Difficulty.EASY),
    }
    assert {kind for kind, amount in found.items() if amount == 2} == {("urology", HARD), (None, HARD)}
    assert sum(amount == Decimal("1000.10") for amount in found.values()) == 4


def test_what_is_shown_before_is_what_is_bound_after() -> None:
    made = card(line("2", difficulty=HARD), line("0", "radiology"))
    for department in ("radiology", None):
        shown = made.shown_to(department)
        assert all(made.rate_for(department, difficulty) == shown[difficulty] for difficulty in Difficulty)


def test_a_line_has_the_cards_currency_and_beginning() -> None:
    assert card(line("2", difficulty=HARD)).rate_for(None, HARD) == Rate(Decimal(2), "KRW", NOW)


@pytest.mark.parametrize(
    "lines",
    [
        [line("1")],
        [line("1", "radiology"), line("2", "radiology")],
        [line("1", difficulty=HARD), line("1", difficulty=HARD)],
        [line("1", str(number)) for number in range(MAX_LINES + 1)],
    ],
)
def test_a_card_that_says_two_things_of_one_reading_is_refused(lines: list[CardLine]) -> None:
    with pytest.raises(CardRefused):
        card(*lines)


@pytest.mark.parametrize("amount", ["-1", "1.00001", "100000001", "NaN", "Infinity"])
def test_an_amount_that_is_none_is_refused_in_a_line_too(amount: str) -> None:
    with pytest.raises(RateRefused):
        card(line(amount, "radiology"))
