"""What readings say together."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.consensus.vote import READER_ACCURACY, QuestionConsensus, dissents, fuse, posteriors
from node.labeling.reading import Answer, Reading, ReadingContent
from node.labeling.schema_shelf import schema_of
from protocols.labels import Abstention

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEST = schema_of("chest-film-abnormal", 1)


def reading(said: str, number: int = 0) -> Reading:
    known = said in {"present", "absent"}
    answer = Answer(question="abnormal", option=said if known else None, abstention=None if known else Abstention(said))
    content = ReadingContent(answers=(answer,), seconds_active=1)
    return Reading(f"r{number}", f"a{number}", "p", "c", f"reader{number}", NOW, content)


def fused(*said: str) -> QuestionConsensus:
    return fuse(CHEST, [reading(one, number) for number, one in enumerate(said)])[0]


def test_the_majority_wins_with_its_posterior() -> None:
    consensus = fused("present", "absent", "present")
    assert (consensus.option, consensus.votes, consensus.dissent) == ("present", 3, 1)
    assert consensus.posterior == pytest.approx(READER_ACCURACY)


def test_three_of_three_are_surer_than_two_of_three() -> None:
    unanimous = fused("absent", "absent", "absent")
    wrong = 1 - READER_ACCURACY
    assert unanimous.posterior == pytest.approx(READER_ACCURACY**3 / (READER_ACCURACY**3 + wrong**3))
    assert unanimous.dissent == 0


@pytest.mark.parametrize(
    "said",
    [
        ("present", "absent"),
        ("present", "absent", "indeterminate"),
        ("present", "indeterminate", "indeterminate"),
        ("present", "not-assessable"),
        ("indeterminate", "indeterminate", "outside-my-field"),
    ],
)
def test_without_agreement_there_is_no_option_and_no_posterior(said: tuple[str, ...]) -> None:
    consensus = fused(*said)
    assert (consensus.option, consensus.posterior, consensus.dissent) == (None, 0.0, 0)


def test_an_abstention_is_no_vote_but_counts_as_dissent() -> None:
    consensus = fused("present", "present", "indeterminate")
    assert (consensus.option, consensus.votes, consensus.abstentions, consensus.dissent) == ("present", 2, 1, 1)


def test_dissent_names_the_readings_that_say_otherwise() -> None:
    consensus = fused("present", "present", "absent")
    assert dissents(consensus, reading("absent"))
    assert dissents(consensus, reading("indeterminate"))
    assert not dissents(consensus, reading("present"))
    assert not dissents(fused("present", "absent"), reading("present"))


@given(st.lists(st.integers(0, 9), min_size=2, max_size=6))
def test_posteriors_are_probabilities_in_the_order_of_votes(votes: list[int]) -> None:
    found = posteriors(votes)
    assert sum(found) == pytest.approx(1)
    assert sorted(range(len(votes)), key=lambda i: (votes[i], i)) == sorted(
        range(len(votes)), key=lambda i: (found[i], i)
    )
