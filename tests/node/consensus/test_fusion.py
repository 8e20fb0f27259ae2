"""Majority and weighted fusion, ties, and who dissented."""

import numpy as np
import pytest

from node.consensus.errors import NothingToFuse
from node.consensus.fusion import NO_WINNER, majority, weighted
from node.consensus.opinion_table import Opinion, OpinionTable, gold_of, opinion_table

OPTIONS = ("no", "yes")


def table(*said: tuple[str, str, str], case_ids: tuple[str, ...] = ()) -> OpinionTable:
    return opinion_table([Opinion(*one) for one in said], OPTIONS, case_ids=case_ids)


def test_the_most_votes_win_and_a_tie_has_no_winner() -> None:
    fused = majority(
        table(("c1", "a", "yes"), ("c1", "b", "yes"), ("c1", "c", "no"), ("c2", "a", "yes"), ("c2", "b", "no"))
    )
    assert fused.winners().tolist() == [1, NO_WINNER]
    assert fused.posterior[0] == pytest.approx([1 / 3, 2 / 3])


def test_dissent_names_who_said_otherwise_and_nobody_at_a_tie() -> None:
    fused = majority(
        table(("c1", "a", "yes"), ("c1", "b", "yes"), ("c1", "c", "no"), ("c2", "a", "yes"), ("c2", "b", "no"))
    )
    assert fused.dissenters("c1") == ("c",)
    assert fused.dissenters("c2") == ()


def test_a_case_nobody_read_has_no_winner() -> None:
    assert majority(table(("c1", "a", "yes"), case_ids=("c0",))).winners().tolist() == [NO_WINNER, 1]


def test_without_gold_every_vote_weighs_the_same() -> None:
    """Three readers of 0.85, two of three agree: 0.85, as `consensus.vote` says."""
    said = table(("c1", "a", "yes"), ("c1", "b", "yes"), ("c1", "c", "no"))
    fused = weighted(said, gold_of(said, {}), accuracy=0.85, reads=10)
    assert fused.posterior[0, 1] == pytest.approx(0.85)


def test_who_was_right_on_gold_outweighs_two_who_were_not() -> None:
    gold = {f"g{case}": "yes" for case in range(40)}
    known = [(case, "a", "yes") for case in gold]
    known += [(case, reader, "yes" if at % 5 < 3 else "no") for at, case in enumerate(gold) for reader in ("b", "c")]
    said = table(*known, ("open", "a", "yes"), ("open", "b", "no"), ("open", "c", "no"))
    fused = weighted(said, gold_of(said, gold), accuracy=0.85, reads=10)
    assert fused.winners()[said.case_ids.index("open")] == 1
    assert fused.posterior[said.case_ids.index("g0")].tolist() == [0.0, 1.0]


def test_nothing_cannot_be_fused() -> None:
    nothing = table(case_ids=("c1",))
    with pytest.raises(NothingToFuse):
        majority(nothing)
    with pytest.raises(NothingToFuse):
        weighted(nothing, np.array([-1]), accuracy=0.85, reads=10)
