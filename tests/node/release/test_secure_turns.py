"""Updates in turns on the node: what is kept back is settled once, from what was sent, and never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from factories import a_manifest, a_plan
from fakes.secure import KeptBackHere, KeptRounds
from numpy.typing import NDArray
from secure_factories import SITES, a_round

from node.release.asked import Asked
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.state import SecureRound, Stage, name_of
from node.release.secure.turns import Turns, places_in
from node.release.update import RoundVector
from protocols.masking import MaskingRound
from protocols.models import Dtype, TensorSpec
from protocols.plans import Aggregation, AggregationMode, Compression
from protocols.sparse import SparseTerms, longest_mean, sparse_terms

SIZE, SCALE = 30_000, 2**20
SECURE = Aggregation(mode=AggregationMode.SECURE, threshold_t=3, compression=Compression.TURNS)
PLAN = a_plan(
    model=a_manifest(tensors=(TensorSpec(name="head.weight", shape=(SIZE,), dtype=Dtype.FLOAT32),)),
    aggregation=SECURE,
    rounds=6,
)
BASE = "ab" * 32


def terms() -> SparseTerms:
    found = sparse_terms(PLAN, members=3)
    assert found is not None
    return found


@dataclass
class Trained:
    """The vectors of rounds, by their number."""

    held: dict[int, RoundVector] = field(default_factory=dict)

    def kept(self, asked: Asked) -> RoundVector | None:
        assert asked.model_sha256 == BASE
        return self.held.get(asked.round)


def a_vector(seed: int) -> RoundVector:
    steps = np.random.default_rng(seed).integers(-SCALE // 1000, SCALE // 1000, size=SIZE)
    return RoundVector(BASE, steps.astype("<i4").tobytes(), 1000, (), "cd" * 32, 0.5)


def numbers_of(vector: RoundVector) -> NDArray[np.float64]:
    return np.frombuffer(vector.vector, "<i4") / SCALE


def some_turns(held: Mapping[int, RoundVector] | None = None) -> Turns:
    return Turns(SITES[0], KeptBackHere(), Trained(dict(held or {})), KeptRounds())


def about(number: int) -> MaskingRound:
    return a_round(round=number)


def left(turns: Turns, number: int) -> NDArray[np.float64]:
    stored = turns.kept_back.of_round(name_of(about(number)))
    assert stored is not None
    return np.frombuffer(stored, "<f4").astype(np.float64)


def sent(turns: Turns, number: int, vector: RoundVector) -> NDArray[np.float64]:
    """What the words of a round stand for, all numbers, unweighted."""
    made = turns.words(about(number), vector, PLAN, terms())
    moved = np.zeros(SIZE)
    moved[places_in(about(number), terms())] = made.words[:-2].view(np.int16) * terms().unit(vector.weight)
    return moved


def settle(turns: Turns, number: int, *sites: str) -> None:
    turns.settle(about(number), sites, BASE, PLAN)


def refused(reason: SecureReason, turns: Turns, number: int, *sites: str) -> None:
    with pytest.raises(SecureRefused) as refusal:
        settle(turns, number, *sites)
    assert refusal.value.reason is reason


def test_what_a_round_sent_and_what_it_left_are_its_update() -> None:
    vector = a_vector(1)
    turns = some_turns({1: vector})
    settle(turns, 2, *SITES)
    assert np.allclose(left(turns, 2) + sent(turns, 1, vector), numbers_of(vector), rtol=0, atol=1e-9)
    assert np.count_nonzero(left(turns, 2)) > SIZE // 2


def test_of_an_update_that_was_in_no_sum_everything_is_left() -> None:
    vector = a_vector(1)
    turns = some_turns({1: vector})
    settle(turns, 2, *SITES[1:])
    assert np.allclose(left(turns, 2), numbers_of(vector), rtol=0, atol=1e-9)


def test_a_round_without_an_update_leaves_what_was_there() -> None:
    turns = some_turns({1: a_vector(1)})
    settle(turns, 2, *SITES)
    settle(turns, 3, *SITES[1:])
    assert left(turns, 3).tobytes() == left(turns, 2).tobytes()


def test_a_round_is_settled_once_whatever_is_told_later() -> None:
    turns = some_turns({1: a_vector(1)})
    settle(turns, 2, *SITES)
    before = left(turns, 2)
    settle(turns, 2, *SITES[1:])
    assert left(turns, 2).tobytes() == before.tobytes()


def test_the_words_of_a_round_are_the_same_after_a_restart() -> None:
    first, second = a_vector(1), a_vector(2)
    turns = some_turns({1: first, 2: second})
    settle(turns, 2, *SITES)
    words = turns.words(about(2), second, PLAN, terms()).words
    again = replace(turns, vectors=Trained({1: first, 2: second}))
    settle(again, 2, *SITES)
    assert again.words(about(2), second, PLAN, terms()).words.tobytes() == words.tobytes()


def test_a_hospital_whose_store_is_gone_sends_nothing_more() -> None:
    refused(SecureReason.KEPT_BACK_MISSING, some_turns(), 2, *SITES)
    refused(SecureReason.KEPT_BACK_MISSING, some_turns({2: a_vector(2)}), 3, *SITES)
    with pytest.raises(SecureRefused):
        some_turns().words(about(2), a_vector(2), PLAN, terms())


def test_another_list_than_was_revealed_for_is_a_lie() -> None:
    turns = some_turns({1: a_vector(1)})
    revealed: dict[str, Any] = {"revealed_for": SITES, "trained_sha256": BASE}
    turns.rounds.keep(SecureRound(about(1), Stage.REVEALED, SITES, BASE, None, **revealed), None)  # type: ignore[attr-defined]  # the fake keeps
    refused(SecureReason.SUM_REFUSED, turns, 2, *SITES[1:])
    settle(turns, 2, *SITES)


@pytest.mark.parametrize("stage", [Stage.ADVERTISED, Stage.SHARED, Stage.MASKED, Stage.VOTED, Stage.ENDED])
def test_the_list_of_an_attempt_that_came_after_the_revealing_is_believed(stage: Stage) -> None:
    vector = a_vector(1)
    turns = some_turns({1: vector})
    revealed: dict[str, Any] = {"revealed_for": SITES, "trained_sha256": BASE}
    second = a_round(round=1, attempt=2)
    turns.rounds.keep(SecureRound(second, stage, SITES, BASE, None, **revealed), None)  # type: ignore[attr-defined]  # the fake keeps
    settle(turns, 2, *SITES[1:])
    assert np.allclose(left(turns, 2), numbers_of(vector), rtol=0, atol=1e-9)


def test_an_update_longer_than_may_be_sent_at_once_goes_in_parts() -> None:
    long = a_vector(1)
    scaled = np.clip(np.frombuffer(long.vector, "<i4").astype(np.int64) * 10**6, -(2**31) + 1, 2**31 - 1)
    vector = replace(long, vector=scaled.astype("<i4").tobytes())
    turns = some_turns({1: vector})
    assert np.linalg.norm(sent(turns, 1, vector)) <= longest_mean(PLAN) * (1 + 1e-12)
    assert np.linalg.norm(numbers_of(vector)) > longest_mean(PLAN)
