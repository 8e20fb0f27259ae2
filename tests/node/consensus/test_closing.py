"""What is voted on, and how a case closes under each way of fusing."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from node.consensus.closing import close, estimate
from node.consensus.vote import dissents, fuse
from node.consensus.voted import CHOSEN, NOT_CHOSEN, voted_of
from node.consensus.way import Fusing, Method
from node.labeling.reading import Reading, ReadingContent
from node.labeling.schema_shelf import schema_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEST = schema_of("chest-film-abnormal", 1)
FINDINGS = schema_of("chest-film-findings", 1)
DIAGNOSES = FINDINGS.question("diagnoses")
ABNORMAL = "abnormal"


def reading(case_id: str, reader: str, *answers: dict[str, Any]) -> Reading:
    content = ReadingContent.model_validate({"answers": answers, "seconds_active": 1})
    return Reading(f"r-{case_id}-{reader}", f"a-{case_id}-{reader}", "p", case_id, reader, NOW, content)


def says(case_id: str, reader: str, option: str) -> Reading:
    known = option in {"present", "absent"}
    return reading(case_id, reader, {"question": ABNORMAL, "option" if known else "abstention": option})


def closed(count: int = 120) -> tuple[list[Reading], dict[tuple[str, str], str]]:
    """Dr Good is right in 95 of 100 cases, the two others in 65; every third case is gold."""
    rng = np.random.default_rng(20_261_122)
    readings, gold = [], {}
    for number in range(count):
        case_id, truth = f"case{number:03}", bool(rng.integers(0, 2))
        for reader, right in (("good", 0.95), ("one", 0.65), ("two", 0.65)):
            said = truth if rng.random() < right else not truth
            readings.append(says(case_id, reader, "present" if said else "absent"))
        if number % 3 == 0:
            gold[case_id, ABNORMAL] = "present" if truth else "absent"
    return readings, gold


def test_of_a_question_with_several_options_each_is_voted_on_and_marks_are_not() -> None:
    assert DIAGNOSES is not None
    names = [voted.name for voted in voted_of(FINDINGS)]
    assert names == [f"diagnoses/{option.code}" for option in DIAGNOSES.options]
    assert [list(voted_of(schema_of(code, 1))) for code in ("generic-box", "generic-mask")] == [[], []]


def test_each_option_of_several_has_its_majority_and_its_dissent() -> None:
    assert DIAGNOSES is not None
    first, second = (option.code for option in DIAGNOSES.options[:2])
    readings = [
        reading("c", "a", {"question": "diagnoses", "options": [first, second]}),
        reading("c", "b", {"question": "diagnoses", "options": [first]}),
        reading("c", "c", {"question": "diagnoses", "abstention": "indeterminate"}),
    ]
    by_name = {one.question: one for one in fuse(FINDINGS, readings)}
    assert by_name[f"diagnoses/{first}"].option == CHOSEN
    assert by_name[f"diagnoses/{second}"].option is None
    third = by_name[f"diagnoses/{DIAGNOSES.options[2].code}"]
    assert (third.option, third.votes, third.abstentions, third.dissent) == (NOT_CHOSEN, 2, 1, 1)
    assert [dissents(by_name[f"diagnoses/{first}"], one) for one in readings] == [False, False, True]


def test_nothing_voted_on_is_no_consensus_and_no_error() -> None:
    assert fuse(schema_of("generic-mask", 1), [reading("c", "a", {"question": "masks", "abstention": "absent"})]) == ()


def test_who_was_not_asked_neither_votes_nor_abstains() -> None:
    answered, not_asked = says("c", "a", "present"), reading("c", "b", {"question": "other", "option": "x"})
    (one,) = fuse(CHEST, [answered, not_asked])
    assert (one.votes, one.abstentions, one.dissent) == (1, 0, 0)


def test_by_default_a_case_closes_by_vote() -> None:
    readings = [says("c", "good", "present"), says("c", "one", "absent"), says("c", "two", "absent")]
    assert close(CHEST, readings, Fusing()) == fuse(CHEST, readings)
    assert estimate(CHEST, readings, {}, Method.VOTE) == ()


@pytest.mark.parametrize("method", [Method.WEIGHTED, Method.DAWID_SKENE])
def test_the_reader_whom_gold_shows_right_outweighs_two_who_are_not(method: Method) -> None:
    before, gold = closed()
    found = estimate(CHEST, before, gold, method)
    fusing = Fusing(method, {one.voted: one for one in found}, gold)
    readings = [says("new", "good", "present"), says("new", "one", "absent"), says("new", "two", "absent")]
    (one,) = close(CHEST, readings, fusing)
    assert one.option == "present"
    assert 0.5 < one.posterior < 1
    assert one.dissent == 2


def test_a_gold_case_closes_as_gold_says_and_names_who_dissented() -> None:
    before, gold = closed()
    fusing = Fusing(
        Method.DAWID_SKENE,
        {one.voted: one for one in estimate(CHEST, before, gold, Method.DAWID_SKENE)},
        {("g", ABNORMAL): "absent"},
    )
    (one,) = close(CHEST, [says("g", "good", "present"), says("g", "one", "absent")], fusing)
    assert (one.option, one.posterior, one.dissent) == ("absent", 1.0, 1)


def test_a_reader_who_is_not_known_counts_as_readers_do_together() -> None:
    before, gold = closed()
    (found,) = estimate(CHEST, before, gold, Method.DAWID_SKENE)
    fusing = Fusing(Method.DAWID_SKENE, {ABNORMAL: found}, {})
    (one,) = close(CHEST, [says("new", "stranger", "present")], fusing)
    expected = np.array(found.shares) * np.array(found.of_all)[:, 1]
    assert one.option == "present"
    assert one.posterior == pytest.approx(expected[1] / expected.sum())


@pytest.mark.parametrize("said", [("indeterminate", "indeterminate", "present"), ("not-assessable", "present")])
def test_what_is_mostly_abstained_from_has_no_option(said: tuple[str, ...]) -> None:
    before, gold = closed()
    fusing = Fusing(
        Method.DAWID_SKENE, {one.voted: one for one in estimate(CHEST, before, gold, Method.DAWID_SKENE)}, {}
    )
    (one,) = close(CHEST, [says("new", f"dr{at}", option) for at, option in enumerate(said)], fusing)
    assert (one.option, one.posterior, one.dissent) == (None, 0.0, 0)


def test_readers_who_cannot_be_told_apart_are_doubted_and_taken_alike() -> None:
    readings = [says(f"c{at}", reader, "present" if at % 2 else "absent") for at in range(40) for reader in ("a", "b")]
    gold = {(f"c{at}", ABNORMAL): "absent" if at % 2 else "present" for at in range(40)}
    (found,) = estimate(CHEST, readings, gold, Method.DAWID_SKENE)
    assert found.doubted
    assert set(found.of_reader.values()) == {found.of_all}


def test_before_anything_is_closed_a_project_closes_by_vote_whatever_its_way() -> None:
    assert estimate(CHEST, [], {}, Method.DAWID_SKENE) == ()
    readings = [says("c", "a", "present"), says("c", "b", "present")]
    assert close(CHEST, readings, Fusing(Method.DAWID_SKENE)) == fuse(CHEST, readings)
