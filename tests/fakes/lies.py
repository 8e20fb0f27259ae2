"""What tests of a lying coordinator say and ask: instructions with something changed, words in a forged hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from factories import an_identity
from fakes.secure import MODEL, Carried, SecureHospital, about_of, begin, collect, deal, hospitals, sealer
from secure_factories import a_site

from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.state import Stage
from protocols.masking import AdvertInstruction, SurvivorInstruction

OTHER_MODEL = "ef" * 32


def refused(hospital: SecureHospital, message: Any, *reasons: SecureReason) -> None:
    """The hospital refuses for one of these reasons."""
    with pytest.raises(SecureRefused) as refusal:
        hospital.answer(message)
    assert refusal.value.reason in reasons


def is_over(hospital: SecureHospital, carried: Carried) -> bool:
    """The attempt has ended here, and its secrets are gone."""
    state = hospital.state(carried.about)
    return (state.stage, state.secrets, state.own_share, state.held) == (Stage.ENDED, None, None, ())


def in_hand(hospital: SecureHospital, word: Any, *, by: int | None = None) -> bytes:
    """The word sealed by the hospital, or by another where it is forged."""
    return sealer(hospital.identity if by is None else an_identity(by))(word, b"")


def ask(members: list[SecureHospital], **changes: Any) -> AdvertInstruction:
    about = about_of(members).model_copy(update=changes)
    return AdvertInstruction(about=about, model_sha256=MODEL, members=tuple(one.site_id for one in members))


def with_packets(asked: dict[str, Any], change: Callable[[list[Any]], list[Any]]) -> Any:
    mine = asked[a_site(1)]
    return mine.model_copy(update={"packets": tuple(change(list(mine.packets)))})


def a_list(carried: Carried, numbers: tuple[int, ...], *, unmask: bool = True, **changes: Any) -> SurvivorInstruction:
    """A list of these hospitals with their true statements."""
    sites = tuple(a_site(number) for number in numbers)
    fields: dict[str, Any] = {
        "about": carried.about, "survivors": sites, "unmask": unmask, "sealed_votes": (),
        "sealed_statements": tuple(carried.statements[site] for site in sites),
    }  # fmt: skip
    return SurvivorInstruction(**{**fields, **changes})


def masked_round(n: int, t: int, c: int = 0) -> tuple[list[SecureHospital], Carried]:
    """A round whose masked updates are held."""
    members = hospitals(n, threshold=t, colluders=c)
    carried = begin(members, about_of(members))
    collect(carried, deal(carried))
    return members, carried
