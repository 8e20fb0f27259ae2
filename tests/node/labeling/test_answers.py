"""Answers to every kind of question, and every way in which they do not fit."""

import dataclasses
import typing
from typing import Any
from uuid import UUID

import factories
import pytest

from node.ground.texts import Language, text
from node.labeling.answer_check import check_answers, needs_images
from node.labeling.answer_fault import AnswerFault
from node.labeling.errors import AnswersRefused
from node.labeling.free_text import InsideText
from node.labeling.leaving import LeavingAnswer, leaving
from node.labeling.reading import Answer, ReadingContent
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseImage
from protocols.label_rules import NumberRule
from protocols.labels import LabelSchema, Level

RICH = factories.a_rich_label_schema()
FIRST, SECOND, FOREIGN = (str(UUID(int=number, version=4)) for number in (1, 2, 3))
IMAGES = (CaseImage(FIRST, 4, 6, 3, "CT", ""), CaseImage(SECOND, 4, 6, 1, "CT", "", series=2))
BOX = {"shape": "box", "upper_left": (1, 1), "lower_right": (2, 2)}
F = AnswerFault


def mark(name: str = "m1", **changes: Any) -> dict[str, Any]:
    return {"mark": name, "image_id": FIRST, "frame": 2, "shape": BOX} | changes


def whole(**changes: Any) -> list[dict[str, Any]]:
    """A whole reading of a case with two images; `None` leaves a question open."""
    answers: dict[str, dict[str, Any] | None] = {
        "seen": {"question": "seen", "option": "yes", "confidence": 0.9},
        "where": {"question": "where", "marks": [mark()]},
        "subtlety": {"question": "subtlety", "option": "step-1", "mark": "m1"},
        "signs_1": {"question": "signs", "options": ["step-0", "step-2"], "place": {"image_id": FIRST}},
        "signs_2": {"question": "signs", "abstention": "absent", "place": {"image_id": SECOND}},
        "size": {"question": "size", "number": 12.5},
        "remark": {"question": "remark", "text": "환자분"},
    }
    return [answer for answer in (answers | changes).values() if answer is not None]


def check(answers: list[dict[str, Any]], schema: LabelSchema = RICH) -> None:
    check_answers(schema, [Answer.model_validate(answer) for answer in answers], IMAGES)


def refused(answers: list[dict[str, Any]], schema: LabelSchema = RICH) -> tuple[str, AnswerFault]:
    with pytest.raises(AnswersRefused) as refusal:
        check(answers, schema)
    return refusal.value.question, refusal.value.fault


def test_a_reading_that_answers_every_kind_of_question_is_taken() -> None:
    check(whole())


def test_what_is_not_asked_need_not_be_answered() -> None:
    no = {"question": "seen", "option": "no", "confidence": 1}
    check(whole(seen=no, where=None, subtlety=None, size=None, remark=None))


def test_nothing_marked_is_an_answer_and_then_nothing_is_asked_of_marks() -> None:
    check(whole(where={"question": "where", "abstention": "absent"}, subtlety=None))


def test_several_marks_of_one_thing_are_asked_about_once() -> None:
    marks = [mark("m1", of="nodule-1"), mark("m2", of="nodule-1", frame=3), mark("m3")]
    where = {"question": "where", "marks": marks}
    about = [{"question": "subtlety", "option": "step-0", "mark": thing} for thing in ("nodule-1", "m3")]
    check([*whole(where=where, subtlety=None), *about])
    assert refused([*whole(where=where, subtlety=None), *about[1:]]) == ("subtlety", F.UNANSWERED)


@pytest.mark.parametrize(
    ("changes", "question", "fault"),
    [
        ({"other": {"question": "other", "option": "yes"}}, "other", F.UNKNOWN_QUESTION),
        ({"again": {"question": "size", "number": 1}}, "size", F.REPEATED),
        ({"size": None}, "size", F.UNANSWERED),
        ({"signs_2": None}, "signs", F.UNANSWERED),
        ({"subtlety": None}, "subtlety", F.UNANSWERED),
        ({"subtlety": {"question": "subtlety", "option": "step-1", "mark": "m9"}}, "subtlety", F.NOT_ASKED),
        ({"seen": {"question": "seen", "option": "no", "confidence": 1}}, "where", F.NOT_ASKED),
        ({"size": {"question": "size", "number": 1, "place": {"image_id": FIRST}}}, "size", F.NOT_ASKED),
        ({"size": {"question": "size", "option": "yes"}}, "size", F.WRONG_KIND),
        ({"seen": {"question": "seen", "options": ["yes"], "confidence": 1}}, "seen", F.WRONG_KIND),
        ({"seen": {"question": "seen", "option": "perhaps", "confidence": 1}}, "seen", F.UNKNOWN_OPTION),
        ({"seen": {"question": "seen", "option": "yes"}}, "seen", F.CONFIDENCE_MISSING),
        ({"seen": {"question": "seen", "abstention": "absent"}}, "seen", F.ABSTENTION_NOT_OFFERED),
        ({"size": {"question": "size", "number": 300.5}}, "size", F.OUT_OF_RANGE),
        ({"size": {"question": "size", "number": -1}}, "size", F.OUT_OF_RANGE),
        ({"remark": {"question": "remark", "text": "x" * 21}}, "remark", F.TEXT_TOO_LONG),
        ({"signs_2": {"question": "signs", "options": ["step-0"] * 2, "place": {"image_id": SECOND}}}, "signs",
         F.REPEATED),
        ({"where": {"question": "where", "marks": [mark(f"m{n}") for n in range(6)]}}, "where", F.TOO_MANY_MARKS),
        ({"where": {"question": "where", "marks": [mark(), mark()]}}, "where", F.MARK_REPEATED),
        ({"where": {"question": "where", "marks": [mark(shape={"shape": "keypoint", "point": (1, 1)})]}}, "where",
         F.SHAPE_NOT_OFFERED),
        ({"where": {"question": "where", "marks": [mark(label="mass")]}}, "where", F.LABEL_UNKNOWN),
        ({"where": {"question": "where", "marks": [mark(image_id=FOREIGN)]}}, "where", F.IMAGE_UNKNOWN),
        ({"where": {"question": "where", "marks": [mark(frame=4)]}}, "where", F.IMAGE_UNKNOWN),
        ({"where": {"question": "where", "marks": [mark(shape=BOX | {"lower_right": (7, 2)})]}}, "where",
         F.OUTSIDE_IMAGE),
    ],
)  # fmt: skip
def test_answers_that_do_not_fit_are_refused_by_question_and_fault(
    changes: dict[str, Any], question: str, fault: AnswerFault
) -> None:
    assert refused(whole(**changes)) == (question, fault)


def test_a_whole_number_is_asked_for_where_the_schema_says_so() -> None:
    rule = NumberRule(unit="1", minimum=0.0, maximum=20.0, whole=True)
    changed = [one.model_copy(update={"number": rule}) if one.code == "size" else one for one in RICH.questions]
    assert refused(whole(), factories.a_rich_label_schema(questions=tuple(changed))) == ("size", F.NOT_WHOLE)


def test_an_option_that_stands_alone_cannot_be_chosen_with_another() -> None:
    films = schema_of("chest-film-findings", 1)
    none = {"question": "findings", "abstention": "absent"}
    alone = {"question": "diagnoses", "options": ["no-finding"]}
    check([none, alone], films)
    assert refused([none, alone | {"options": ["no-finding", "pneumonia"]}], films) == ("diagnoses", F.NOT_TOGETHER)


def test_a_mark_needs_a_label_where_its_question_has_labels() -> None:
    films = schema_of("chest-film-findings", 1)
    rest = {"question": "diagnoses", "options": ["pneumonia"]}
    check([{"question": "findings", "marks": [mark(label="pneumothorax")]}, rest], films)
    assert refused([{"question": "findings", "marks": [mark()]}, rest], films) == ("findings", F.LABEL_UNKNOWN)


def test_a_question_about_series_is_answered_for_the_first_image_of_each() -> None:
    (seen, *_) = RICH.questions
    per_series = factories.a_rich_label_schema(questions=(seen.model_copy(update={"level": Level.SERIES}),))
    answers = [
        {"question": "seen", "option": "yes", "confidence": 1, "place": {"image_id": image}}
        for image in (FIRST, SECOND)
    ]
    check(answers, per_series)
    assert refused(answers[:1], per_series) == ("seen", F.UNANSWERED)


def test_a_question_about_frames_is_answered_for_those_the_reader_names() -> None:
    (seen, *_) = RICH.questions
    per_frame = factories.a_rich_label_schema(questions=(seen.model_copy(update={"level": Level.FRAME}),))
    said = {"question": "seen", "option": "yes", "confidence": 1}
    check([said | {"place": {"image_id": FIRST, "frame": frame}} for frame in (1, 3)], per_frame)
    for place in ({"image_id": FIRST, "frame": 4}, {"image_id": FIRST}):
        assert refused([said | {"place": place}], per_frame) == ("seen", F.NOT_ASKED)


def test_images_are_needed_only_where_the_schema_speaks_of_them() -> None:
    assert needs_images(RICH)
    assert not needs_images(schema_of("chest-film-abnormal", 1))


@pytest.mark.parametrize("fault", list(AnswerFault))
@pytest.mark.parametrize("language", list(Language))
def test_every_fault_has_a_sentence_in_both_languages(fault: AnswerFault, language: Language) -> None:
    assert text(f"labeling.fault_{fault.value.replace('-', '_')}", language)


def test_free_text_is_kept_inside_and_dropped_from_what_leaves() -> None:
    content = ReadingContent.model_validate({"answers": whole(), "seconds_active": 3})
    assert "환자분" in content.canonical()
    assert "환자분" not in repr(content) + str(content)
    left = leaving(content.answers)
    assert {answer.question for answer in left} == {"seen", "where", "subtlety", "signs", "size"}
    assert "환자분" not in repr(left)


def test_what_leaves_has_no_field_that_could_hold_free_text() -> None:
    hints = typing.get_type_hints(LeavingAnswer)
    assert {field.name for field in dataclasses.fields(LeavingAnswer)} == set(hints)
    assert all(InsideText not in (hint, *typing.get_args(hint)) for hint in hints.values())
    assert {name for name, hint in hints.items() if str in (hint, *typing.get_args(hint))} == {
        "question", "chosen", "mark",
    }  # fmt: skip


def test_content_of_the_first_release_is_read_and_has_the_words_it_was_chained_under() -> None:
    stored = (
        '{"answers":[{"abstention":null,"confidence":0.5,"option":"present","question":"abnormal"}],'
        '"provenance":{"page":"1"},"seconds_active":12.5}'
    )
    assert ReadingContent.model_validate_json(stored).canonical() == stored


def test_content_with_every_kind_of_answer_is_read_back_as_it_was() -> None:
    content = ReadingContent.model_validate({"answers": whole(), "seconds_active": 3})
    assert ReadingContent.model_validate_json(content.canonical()) == content
