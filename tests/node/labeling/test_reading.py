"""What a reading may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from node.labeling.answer_check import check_answers
from node.labeling.errors import AnswersRefused, SchemaUnknown
from node.labeling.reading import ReadingContent
from node.labeling.schema_shelf import schema_of, schemas
from protocols.labels import LabelSchema, Level

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
    check_answers(CHEST, content({"question": "abnormal"} | answer).answers)


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
        check_answers(CHEST, content(*answers).answers)
    assert refused.value.question in {"abnormal", "normal"}


def test_a_question_left_open_is_refused() -> None:
    other = CHEST.questions[0].model_copy(update={"code": "effusion"})
    two = CHEST.model_copy(update={"questions": (*CHEST.questions, other)})
    with pytest.raises(AnswersRefused) as refused:
        check_answers(two, content({"question": "abnormal", "option": "present"}).answers)
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
