"""What a reading may say, and the drafts before it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from node.labeling.draft import EMPTY, saved_over
from node.labeling.errors import AnswersRefused, DraftConflict, SchemaUnknown
from node.labeling.reading import ReadingContent, check_answers
from node.labeling.schema_shelf import schema_of, schemas
from protocols.labels import LabelSchema, Level

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEST = schema_of("chest-film-abnormal", 1)


def content(*answers: dict[str, Any], **rest: Any) -> ReadingContent:
    return ReadingContent.model_validate({"answers": answers, "seconds_active": 3} | rest)


def test_the_first_schema_is_ready_with_targets_and_published_codes() -> None:
    question = CHEST.question("abnormal")
    assert question is not None
    assert {option.code: option.target for option in question.options} == {"absent": 0, "present": 1}
    assert all(option.concept is not None and option.concept.scheme == "SCT" for option in question.options)
    assert all(isinstance(schema, LabelSchema) for schema in schemas().values())
    assert question.level is Level.STUDY


def test_an_unknown_schema_is_refused() -> None:
    with pytest.raises(SchemaUnknown):
        schema_of("chest-film-abnormal", 2)


@pytest.mark.parametrize(
    "answer", [{"option": "present"}, {"abstention": "indeterminate"}, {"option": "absent", "confidence": 1}]
)
def test_an_option_or_an_abstention_answers_a_question(answer: dict[str, Any]) -> None:
    check_answers(CHEST, content({"question": "abnormal"} | answer))


@pytest.mark.parametrize(
    "answers",
    [
        [{"question": "abnormal", "option": "maybe"}],
        [{"question": "normal", "option": "present"}],
        [{"question": "abnormal", "option": "present"}, {"question": "abnormal", "option": "absent"}],
    ],
)
def test_answers_that_do_not_fit_the_schema_are_refused_by_question(answers: list[dict[str, Any]]) -> None:
    with pytest.raises(AnswersRefused) as refused:
        check_answers(CHEST, content(*answers))
    assert refused.value.question in {"abnormal", "normal"}


def test_a_question_left_open_is_refused() -> None:
    other = CHEST.questions[0].model_copy(update={"code": "effusion"})
    two = CHEST.model_copy(update={"questions": (*CHEST.questions, other)})
    with pytest.raises(AnswersRefused) as refused:
        check_answers(two, content({"question": "abnormal", "option": "present"}))
    assert refused.value.question == "effusion"


@pytest.mark.parametrize(
    "wrong",
    [
        {"answers": []},
        {"answers": [{"question": "abnormal"}]},
        {"answers": [{"question": "abnormal", "option": "present", "abstention": "indeterminate"}]},
        {"answers": [{"question": "abnormal", "option": "present", "confidence": 1.5}]},
        {"answers": [{"question": "abnormal", "option": "present", "confidence": float("nan")}]},
        {"answers": [{"question": "abnormal", "option": "present", "note": "seen before"}]},
        {"seconds_active": -1},
        {"provenance": {"page": "x" * 201}},
        {"provenance": {f"key-{number}": 1 for number in range(21)}},
        {"patient": "someone"},
    ],
)
def test_content_out_of_bounds_is_no_reading(wrong: dict[str, Any]) -> None:
    right = {"answers": [{"question": "abnormal", "option": "present"}], "seconds_active": 3}
    with pytest.raises(ValidationError):
        ReadingContent.model_validate(right | wrong)


def test_a_draft_saved_over_the_version_it_read_is_the_next_version() -> None:
    first = saved_over(EMPTY, expected_version=0, content='{"a":1}', now=NOW)
    assert (first.version, first.content, first.saved_at) == (1, '{"a":1}', NOW)


def test_a_draft_is_never_written_over_a_newer_one() -> None:
    newer = saved_over(EMPTY, expected_version=0, content='{"a":1}', now=NOW)
    with pytest.raises(DraftConflict) as refused:
        saved_over(newer, expected_version=0, content='{"a":2}', now=NOW)
    assert refused.value.current == 1
