"""Seals, lookups, age bands, states and texts of intake."""

import pytest
from fakes.instances import instance

from node.ground.keyring import make_keys
from node.ground.texts import Language, table, text
from node.intake.age_band import age_band
from node.intake.errors import IntakeRefused, NoDicomFound, SealBroken
from node.intake.lookups import Lookups
from node.intake.received import NEXT_STATES, IntakeReason, ReceivedState
from node.intake.sealing import Sealer

KEY = bytes(range(32))


def test_a_seal_opens_in_its_own_place_only() -> None:
    sealed = Sealer(KEY).seal(b"plain", bound_to="received:1")
    assert b"plain" not in sealed
    assert Sealer(KEY).open(sealed, bound_to="received:1") == b"plain"
    with pytest.raises(SealBroken):
        Sealer(KEY).open(sealed, bound_to="received:2")


@pytest.mark.parametrize("at", [0, 10, 25, -1])
def test_one_changed_byte_breaks_a_seal(at: int) -> None:
    sealed = bytearray(Sealer(KEY).seal(b"plain", bound_to="x"))
    sealed[at] ^= 1
    with pytest.raises(SealBroken):
        Sealer(KEY).open(bytes(sealed), bound_to="x")


def test_another_key_does_not_open() -> None:
    with pytest.raises(SealBroken):
        Sealer(bytes(32)).open(Sealer(KEY).seal(b"plain", bound_to="x"), bound_to="x")


def test_lookups_tell_images_apart_and_nothing_else(tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = [make_keys(tmp_path_factory.mktemp("keys")) for _ in range(2)]
    one, other = Lookups(keys[0]), Lookups(keys[1])
    assert one.instance("1.2.3") == one.instance("1.2.3\0")
    assert one.instance("1.2.3") not in {one.instance("1.2.4"), other.instance("1.2.3")}
    assert one.content(instance(fill=1)) == one.content(instance(fill=1))
    assert one.content(instance(fill=1)) not in {one.content(instance(fill=2)), other.content(instance(fill=1))}


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("045Y", "40-49"),
        ("000Y", "0-9"),
        ("018M", "0-9"),
        ("130M", "10-19"),
        ("003D", "0-9"),
        ("090Y", "90+"),
        ("117Y", "90+"),
        ("", ""),
        ("45", ""),
        ("unknown", ""),
    ],
)
def test_an_age_becomes_a_band_of_ten_years(age: str, band: str) -> None:
    assert age_band(age) == band


def test_clean_is_left_for_quarantine_and_quarantine_for_another_cleaning_only() -> None:
    assert NEXT_STATES[ReceivedState.CLEAN] == {ReceivedState.QUARANTINED}
    assert NEXT_STATES[ReceivedState.QUARANTINED] == {ReceivedState.WAITING}
    assert set(NEXT_STATES) == set(ReceivedState)


def _leaves(kind: type[IntakeRefused]) -> list[type[IntakeRefused]]:
    """The refusals that are raised: those that no other refusal derives from."""
    return [leaf for child in kind.__subclasses__() for leaf in _leaves(child)] or [kind]


@pytest.mark.parametrize("language", list(Language))
def test_every_reason_and_refusal_has_its_sentence(language: Language) -> None:
    keys = [reason.text_key for reason in IntakeReason] + [leaf.text_key for leaf in _leaves(IntakeRefused)]
    assert [key for key in keys if key not in table(language)] == []
    assert "7" in NoDicomFound(files=7).public_text(language)


def test_both_languages_hold_the_same_texts() -> None:
    names = [{key for key in table(language) if key.startswith("intake.")} for language in Language]
    assert names[0] == names[1]
    assert text("intake.excluded", Language.KO) != text("intake.excluded", Language.EN)
