"""The states of an adjudication, walked through the whole table; who may act; what is shown when."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from node.consensus.adjudication import (
    MOVES,
    UNDECIDABLE,
    Adjudication,
    AdjudicationState,
    Reason,
    Verdict,
    check_holds,
    check_may_take,
    check_move,
    check_verdict,
    needs_adjudication,
    shown_opinions,
)
from node.consensus.errors import AdjudicationRefused
from node.consensus.vote import QuestionConsensus
from node.labeling.reading import Answer, Reading, ReadingContent

S = AdjudicationState
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN = Adjudication("j", "p", "c", "abnormal", S.NEEDED, None, 7)


def reading(name: str, option: str) -> Reading:
    content = ReadingContent(answers=(Answer(question="abnormal", option=option),), seconds_active=1)
    return Reading(f"r-{name}", f"a-{name}", "p", "c", name, NOW, content)


@pytest.mark.parametrize(("current", "wanted"), list(product(S, S)))
def test_every_move_is_allowed_or_refused_as_the_table_says(current: S, wanted: S) -> None:
    here = replace(OPEN, state=current)
    if wanted in MOVES[current]:
        check_move(here, wanted)
        return
    with pytest.raises(AdjudicationRefused):
        check_move(here, wanted)


@pytest.mark.parametrize(
    ("agreed", "bound", "every", "needed"),
    [
        ((None, 0.0, 3, 0, 0), 0.0, False, True),
        (("present", 0.85, 3, 0, 1), 0.0, False, False),
        (("present", 0.85, 3, 0, 1), 0.9, False, True),
        (("present", 0.85, 3, 0, 1), 0.0, True, True),
        (("present", 0.99, 3, 0, 0), 0.9, True, False),
    ],
)
def test_a_case_needs_adjudication_where_it_is_unsure_or_every_dissent_is_asked_for(
    agreed: tuple[str | None, float, int, int, int], bound: float, every: bool, needed: bool
) -> None:
    found = QuestionConsensus("abnormal", *agreed)
    assert needs_adjudication(found, bound=bound, every_dissent=every) is needed


def test_of_a_question_with_several_options_the_whole_answer_is_shown() -> None:
    here = replace(OPEN, state=S.OPINIONS, adjudicator_id="judge", question="abnormal/present")
    assert [one.answer.option for one in shown_opinions(here, "judge", [reading("one", "present")])] == ["present"]


def test_the_table_has_every_state_and_two_ends() -> None:
    assert set(MOVES) == set(S)
    assert {state for state in S if not MOVES[state]} == {S.DECIDED, S.WITHDRAWN}


def test_opinions_are_reached_through_a_blind_reading_alone() -> None:
    assert {state for state in S if S.OPINIONS in MOVES[state]} == {S.BLIND}
    assert {state for state in S if S.DECIDED in MOVES[state]} == {S.OPINIONS}


def test_who_saw_the_opinions_cannot_give_the_case_back() -> None:
    assert S.NEEDED not in MOVES[S.OPINIONS]


def test_who_read_the_case_cannot_adjudicate_it() -> None:
    check_may_take(OPEN, "dr-other", {"dr-one", "dr-two"})
    with pytest.raises(AdjudicationRefused):
        check_may_take(OPEN, "dr-one", {"dr-one", "dr-two"})
    with pytest.raises(AdjudicationRefused):
        check_may_take(replace(OPEN, state=S.BLIND, adjudicator_id="x"), "dr-other", set())


@pytest.mark.parametrize("state", S)
def test_opinions_are_shown_after_the_blind_reading_only_and_to_its_reader_only(state: S) -> None:
    here = replace(OPEN, state=state, adjudicator_id="judge")
    readings = [reading("one", "present"), reading("two", "absent"), reading("judge", "present")]
    if state is not S.OPINIONS:
        with pytest.raises(AdjudicationRefused):
            shown_opinions(here, "judge", readings)
        return
    assert len(shown_opinions(here, "judge", readings)) == 2
    with pytest.raises(AdjudicationRefused, match="no such adjudication"):
        shown_opinions(here, "someone", readings)


def test_what_is_shown_names_nobody_and_keeps_an_order_that_readers_do_not_decide() -> None:
    here = replace(OPEN, state=S.OPINIONS, adjudicator_id="judge")
    readings = [reading(name, "present" if at % 2 else "absent") for at, name in enumerate("abcdef")]
    shown = shown_opinions(here, "judge", readings)
    assert shown == shown_opinions(here, "judge", readings[::-1])
    assert [one.letter for one in shown] == list("ABCDEF")
    assert not any(one.person_id in repr(shown) for one in readings if len(one.person_id) > 1)
    orders = {
        tuple(one.answer.option for one in shown_opinions(replace(here, order_seed=seed), "judge", readings))
        for seed in range(20)
    }
    assert len(orders) > 1


def test_another_persons_adjudication_is_as_one_that_does_not_exist() -> None:
    with pytest.raises(AdjudicationRefused, match="no such adjudication"):
        check_holds(replace(OPEN, state=S.BLIND, adjudicator_id="judge"), "someone", S.OPINIONS)


@pytest.mark.parametrize(("option", "reason"), list(product(("present", "unheard-of", None), Reason)))
def test_a_verdict_names_an_option_or_a_reason_why_none(option: str | None, reason: Reason) -> None:
    verdict = Verdict(option, reason)
    allowed = (
        reason in UNDECIDABLE if option is None else option == "present" and reason is not Reason.IMAGE_INSUFFICIENT
    )
    if allowed:
        check_verdict(verdict, {"present", "absent"})
        return
    with pytest.raises(AdjudicationRefused):
        check_verdict(verdict, {"present", "absent"})
