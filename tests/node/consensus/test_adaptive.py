"""How many readings a case wants, and what an extra reading tells."""

from itertools import product

import pytest

from node.consensus.adaptive import AdaptiveReads, ReadSoFar, drawn_by_chance, reads_wanted, told_by_an_extra_read

KEY = bytes(32)
SETTING = AdaptiveReads(bound=0.9, at_least=1, at_most=5, by_chance=0.1)
CASES = [f"case{number}" for number in range(4000)]


def case_id(*, by_chance: bool) -> str:
    return next(name for name in CASES if drawn_by_chance(SETTING, name, KEY) is by_chance)


@pytest.mark.parametrize(
    ("readings", "posterior", "wanted"),
    [(0, None, 1), (1, 0.95, 1), (1, 0.9, 1), (1, 0.89, 2), (2, 0.5, 3), (4, 0.6, 5), (5, 0.6, 5), (7, 0.6, 7)],
)
def test_the_next_reader_is_asked_only_while_unsure(readings: int, posterior: float | None, wanted: int) -> None:
    assert reads_wanted(SETTING, ReadSoFar(case_id(by_chance=False), readings, posterior), KEY) == wanted


@pytest.mark.parametrize(("readings", "wanted"), [(0, 1), (1, 2), (2, 2)])
def test_a_case_drawn_by_chance_is_read_once_more_when_an_unsure_one_is(readings: int, wanted: int) -> None:
    assert reads_wanted(SETTING, ReadSoFar(case_id(by_chance=True), readings, 0.999), KEY) == wanted


def test_the_wish_never_falls_below_what_was_read_nor_over_the_most() -> None:
    for readings, posterior in product(range(8), (None, 0.4, 0.7, 0.9, 1.0)):
        for by_chance in (False, True):
            case = ReadSoFar(case_id(by_chance=by_chance), readings, posterior)
            assert readings <= reads_wanted(SETTING, case, KEY) <= max(readings, SETTING.at_most)


def test_chance_draws_its_share_by_the_key_and_by_nothing_that_was_read() -> None:
    drawn = [drawn_by_chance(SETTING, name, KEY) for name in CASES]
    assert 0.08 < sum(drawn) / len(drawn) < 0.12
    assert drawn != [drawn_by_chance(SETTING, name, bytes([1] * 32)) for name in CASES]


def test_without_extra_reads_by_chance_there_is_no_setting() -> None:
    for wrong in ({"by_chance": 0.0}, {"bound": 0.5}, {"bound": 1.0}, {"at_least": 0}, {"at_most": 1}):
        with pytest.raises(ValueError, match="adaptive reads"):
            AdaptiveReads(**{"bound": 0.9, "at_least": 1, "at_most": 3, "by_chance": 0.1, **wrong})  # type: ignore[arg-type]  # each value has its field's type


def test_what_an_extra_read_tells_is_the_share_that_was_unsure() -> None:
    sure, unsure = case_id(by_chance=True), case_id(by_chance=False)
    cases = [ReadSoFar(sure, 2, 0.99), ReadSoFar(unsure, 3, 0.91), ReadSoFar(unsure, 1, 0.95)]
    assert told_by_an_extra_read(SETTING, cases, KEY) == 0.5
    assert told_by_an_extra_read(SETTING, [ReadSoFar(unsure, 1, 0.95)], KEY) == 0.0
