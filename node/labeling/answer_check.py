"""Whether answers fit their schema: each question that is asked has one answer of its kind, and nothing else is said.

A question is asked for the case; for every series or image of it; for those frames that the reader names; or for every
thing that a geometry question marks. One with a condition is asked only where the condition holds. Refusals name the
question and the fault, never what was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from node.labeling.answer_fault import AnswerFault
from node.labeling.errors import AnswersRefused
from node.labeling.reading import Answer
from node.labeling.shapes import Mark, Place, shape_fault
from node.labeling.worklist import CaseImage
from protocols.labels import LabelSchema, Level, Question, QuestionKind

Slot = tuple[Place | None, str | None]
"""What an answer is about: a place or none, a mark or none."""

_CASE: Slot = (None, None)


@dataclass(frozen=True, slots=True)
class Said:
    """The answers of one reading, found by question and by what they are about."""

    schema: LabelSchema
    images: Mapping[str, CaseImage]
    by_slot: Mapping[tuple[str, Slot], Answer]

    def slots(self, question: Question) -> set[Slot]:
        """What the question has to be answered about, given all other answers."""
        return {slot for slot in self._possible(question) if self._holds(question, slot)}

    def _possible(self, question: Question) -> Iterable[Slot]:
        if question.per_mark is not None:
            return {(None, mark.thing) for mark in self._marks(question.per_mark)}
        if question.kind is QuestionKind.GEOMETRY:
            return [_CASE]
        match question.level:
            case Level.STUDY:
                return [_CASE]
            case Level.SERIES:
                first = {image.series: image for image in reversed(list(self.images.values()))}
                return [(Place(image_id=image.image_id), None) for image in first.values()]
            case Level.INSTANCE:
                return [(Place(image_id=image_id), None) for image_id in self.images]
            case Level.FRAME:
                return [slot for code, slot in self.by_slot if code == question.code and self._is_frame(slot[0])]
            case _:
                assert_never(question.level)

    def _marks(self, code: str) -> tuple[Mark, ...]:
        marked = self.by_slot.get((code, _CASE))
        return () if marked is None or marked.marks is None else marked.marks

    def _is_frame(self, place: Place | None) -> bool:
        image = None if place is None else self.images.get(place.image_id)
        return image is not None and place is not None and 1 <= (place.frame or 0) <= image.frames

    def _holds(self, question: Question, slot: Slot) -> bool:
        if question.when is None:
            return True
        other = self.schema.question(question.when.question)
        about_case = other is not None and other.level is Level.STUDY and other.per_mark is None
        answer = self.by_slot.get((question.when.question, _CASE if about_case else slot))
        return answer is not None and not set(answer.chosen()).isdisjoint(question.when.one_of)


def check_answers(schema: LabelSchema, answers: Sequence[Answer], images: Sequence[CaseImage] = ()) -> None:
    """Return when the answers say all that the schema asks about these images, and nothing more.

    Raises:
        AnswersRefused: naming the first question that is not answered as it should be, and how.
    """
    said = _said(schema, answers, images)
    for question in schema.questions:
        given = {slot for code, slot in said.by_slot if code == question.code}
        wanted = said.slots(question)
        if given - wanted:
            raise AnswersRefused(question.code, AnswerFault.NOT_ASKED)
        if wanted - given:
            raise AnswersRefused(question.code, AnswerFault.UNANSWERED)


def check_given(schema: LabelSchema, answers: Sequence[Answer], images: Sequence[CaseImage]) -> None:
    """Return when each answer is one that the schema takes about these images; others may be missing.

    Raises:
        AnswersRefused: naming the first question that is answered otherwise, and how.
    """
    _said(schema, answers, images)


def needs_images(schema: LabelSchema) -> bool:
    """True when answers can only be checked against the case's images."""
    return any(question.level is not Level.STUDY or question.geometry is not None for question in schema.questions)


def _said(schema: LabelSchema, answers: Sequence[Answer], images: Sequence[CaseImage]) -> Said:
    """The answers, each of which is of its question's kind. Raises: AnswersRefused."""
    said = Said(schema, {image.image_id: image for image in images}, _by_slot(schema, answers))
    for answer in answers:
        fault = _answer_fault(said, answer)
        if fault is not None:
            raise AnswersRefused(answer.question, fault)
    return said


def _by_slot(schema: LabelSchema, answers: Sequence[Answer]) -> dict[tuple[str, Slot], Answer]:
    found: dict[tuple[str, Slot], Answer] = {}
    names: set[str] = set()
    for answer in answers:
        key = (answer.question, (answer.place, answer.mark))
        if schema.question(answer.question) is None:
            raise AnswersRefused(answer.question, AnswerFault.UNKNOWN_QUESTION)
        if key in found:
            raise AnswersRefused(answer.question, AnswerFault.REPEATED)
        found[key] = answer
        for mark in answer.marks or ():
            if mark.mark in names:
                raise AnswersRefused(answer.question, AnswerFault.MARK_REPEATED)
            names.add(mark.mark)
    return found


def _answer_fault(said: Said, answer: Answer) -> AnswerFault | None:
    question = said.schema.question(answer.question)
    if question is None:
        return AnswerFault.UNKNOWN_QUESTION
    if answer.abstention is not None:
        return None if answer.abstention in question.abstentions else AnswerFault.ABSTENTION_NOT_OFFERED
    if question.confidence_required and answer.confidence is None:
        return AnswerFault.CONFIDENCE_MISSING
    return _kind_fault(said, question, answer)


def _kind_fault(said: Said, question: Question, answer: Answer) -> AnswerFault | None:
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.ORDINAL:
            return AnswerFault.WRONG_KIND if answer.option is None else _option_fault(question, answer.chosen())
        case QuestionKind.MULTI:
            return AnswerFault.WRONG_KIND if answer.options is None else _option_fault(question, answer.chosen())
        case QuestionKind.NUMBER:
            return AnswerFault.WRONG_KIND if answer.number is None else _number_fault(question, answer.number)
        case QuestionKind.TEXT:
            return AnswerFault.WRONG_KIND if answer.text is None else _text_fault(question, answer.text.root)
        case QuestionKind.GEOMETRY:
            return AnswerFault.WRONG_KIND if answer.marks is None else _marks_fault(said, question, answer.marks)
        case _:
            assert_never(question.kind)


def _option_fault(question: Question, chosen: tuple[str, ...]) -> AnswerFault | None:
    if len(set(chosen)) != len(chosen):
        return AnswerFault.REPEATED
    options = [question.option(code) for code in chosen]
    if None in options:
        return AnswerFault.UNKNOWN_OPTION
    alone = any(option is not None and option.alone for option in options)
    return AnswerFault.NOT_TOGETHER if alone and len(chosen) > 1 else None


def _number_fault(question: Question, number: float) -> AnswerFault | None:
    rule = question.number
    if rule is None or not rule.minimum <= number <= rule.maximum:
        return AnswerFault.OUT_OF_RANGE
    return AnswerFault.NOT_WHOLE if rule.whole and not float(number).is_integer() else None


def _text_fault(question: Question, typed: str) -> AnswerFault | None:
    return AnswerFault.TEXT_TOO_LONG if len(typed) > (question.max_characters or 0) else None


def _marks_fault(said: Said, question: Question, marks: tuple[Mark, ...]) -> AnswerFault | None:
    rule = question.geometry
    if rule is None or len(marks) > rule.at_most:
        return AnswerFault.TOO_MANY_MARKS
    return next((fault for mark in marks if (fault := _mark_fault(said, question, mark)) is not None), None)


def _mark_fault(said: Said, question: Question, mark: Mark) -> AnswerFault | None:
    image = said.images.get(mark.image_id)
    if image is None or mark.frame > image.frames:
        return AnswerFault.IMAGE_UNKNOWN
    if question.geometry is None or mark.shape.shape not in question.geometry.shapes:
        return AnswerFault.SHAPE_NOT_OFFERED
    if (mark.label is None) != (not question.options) or (mark.label and question.option(mark.label) is None):
        return AnswerFault.LABEL_UNKNOWN
    fault = shape_fault(mark.shape, rows=image.rows, columns=image.columns)
    return None if fault is None else AnswerFault(fault.value)
