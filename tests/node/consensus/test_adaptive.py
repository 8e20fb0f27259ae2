"""Whether a case wants another reading, and which extra places are given by chance."""

from itertools import product

import pytest

from node.consensus.adaptive import AdaptiveReads, ReadSoFar, by_chance, wants_another

KEY = bytes(32)
SETTING = AdaptiveReads(bound=0.9, at_least=1, at_most=5, by_chance=0.1)
PLACES = [f"project/person/{number}" for number in range(4000)]


@pytest.mark.parametrize(
    ("readings", "posterior", "wanted"),
    [(0, None, True), (1, 0.95, False), (1, 0.9, False), (1, 0.89, True), (2, 0.5, True), (4, 0.6, True)],
)
def test_the_next_reader_is_asked_only_while_unsure(readings: int, posterior: float | None, wanted: bool) -> None:
    assert wants_another(SETTING, ReadSoFar(readings, posterior)) is wanted


def test_a_case_with_the_most_readings_wants_none_however_unsure() -> None:
    for readings, posterior in product((5, 6, 20), (None, 0.4, 1.0)):
        assert not wants_another(SETTING, ReadSoFar(readings, posterior))


def test_chance_draws_its_share_by_the_key_and_by_nothing_that_was_read() -> None:
    drawn = [by_chance(SETTING, name, KEY) for name in PLACES]
    assert 0.08 < sum(drawn) / len(drawn) < 0.12
    assert drawn != [by_chance(SETTING, name, bytes([1] * 32)) for name in PLACES]


def test_without_extra_places_and_some_by_chance_there_is_no_setting() -> None:
    right: dict[str, float] = {"bound": 0.9, "at_least": 1, "at_most": 3, "by_chance": 0.1, "places_each": 1}
    AdaptiveReads(**right)  # type: ignore[arg-type]  # each value has its field's type
    wrongs: list[dict[str, float]] = [{"by_chance": 0.0}, {"bound": 0.5}, {"bound": 1.0}, {"at_least": 0}]
    wrongs += [{"at_most": 1}, {"places_each": 0}, {"places_each": 51}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="adaptive reads"):
            AdaptiveReads(**right | wrong)  # type: ignore[arg-type]  # each value has its field's type
