"""Which readings a changed schema or guideline touches, so that only those are made anew.

A reading stands under a new schema when everything the new schema asks is answered in it as the new schema wants. It is
touched where an answer no longer fits, where something new is asked, and where the options of a question grew or mean
something else: whoever chose had not seen them. Words alone touch nothing, unless the lead names the question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from node.labeling.answer_check import check_answers
from node.labeling.errors import AnswersRefused, RevisionRefused
from node.labeling.reading import Answer, Reading
from node.labeling.worklist import CaseImage
from protocols.label_changes import ChangeKind, schema_changes
from protocols.labels import CHOICES, LabelSchema, Question


@dataclass(frozen=True, slots=True)
class GuidelineChange:
    """What a new guideline is about: a question, and those of its options it speaks of (none: of all)."""

    question: str
    options: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Revision:
    """A schema before and after, and what the lead says the guideline changes: questions, and cases by name."""

    before: LabelSchema
    after: LabelSchema
    guideline: tuple[GuidelineChange, ...] = ()
    cases: frozenset[str] = frozenset()


def touched_questions(revision: Revision, answers: Sequence[Answer], images: Sequence[CaseImage]) -> frozenset[str]:
    """The questions that have to be answered again; none when the reading stands."""
    if revision.before == revision.after:
        return frozenset(answer.question for answer in answers if _in_guideline(revision.guideline, answer))
    widened = _widened(revision)
    touched = {answer.question for answer in answers if answer.question in widened}
    touched |= {answer.question for answer in answers if _in_guideline(revision.guideline, answer)}
    return frozenset(touched | _unfitting(revision.after, answers, images))


def touched_readings(
    revision: Revision, readings: Iterable[Reading], images: Mapping[str, Sequence[CaseImage]]
) -> list[Reading]:
    """Those of the readings that do not stand; `images` holds those of each case, where answers need them.

    Each is asked for itself: who is asked to read anew learns of the own reading alone, and never that somebody else's
    was touched.
    """
    return [
        reading
        for reading in readings
        if reading.case_id in revision.cases
        or touched_questions(revision, reading.content.answers, images.get(reading.case_id, ()))
    ]


def check_guideline(schema: LabelSchema, changes: Iterable[GuidelineChange]) -> None:
    """Return when what a guideline is about are questions of the schema and options of theirs.

    Raises:
        RevisionRefused: otherwise.
    """
    for change in changes:
        question = schema.question(change.question)
        if question is None or not change.options <= {option.code for option in question.options}:
            raise RevisionRefused("the guideline is about what the schema does not have")


def _widened(revision: Revision) -> Collection[str]:
    changed = {
        change.question
        for change in schema_changes(revision.before, revision.after)
        if change.kind is ChangeKind.CHANGED
    }
    return {code for code in changed if _offers_more(revision.before.question(code), revision.after.question(code))}


def _offers_more(old: Question | None, new: Question | None) -> bool:
    if old is None or new is None:
        return False
    if (old.kind, old.level, old.per_mark) != (new.kind, new.level, new.per_mark):
        return True
    more = {option.code for option in new.options} - {option.code for option in old.options}
    reordered = new.kind in CHOICES and _order(new, old) != _order(old, new)
    return bool(more) or reordered


def _order(question: Question, other: Question) -> list[str]:
    return [option.code for option in question.options if other.option(option.code) is not None]


def _in_guideline(changes: Iterable[GuidelineChange], answer: Answer) -> bool:
    return any(
        change.question == answer.question and (not change.options or not change.options.isdisjoint(answer.chosen()))
        for change in changes
    )


def _unfitting(schema: LabelSchema, answers: Sequence[Answer], images: Sequence[CaseImage]) -> set[str]:
    """Questions refused one after another, until what is left of the schema and the answers fits."""
    touched: set[str] = set()
    while len(touched) < len(schema.questions):
        rest = tuple(question for question in schema.questions if question.code not in touched)
        known = {question.code for question in rest}
        left = [answer for answer in answers if answer.question in known]
        try:
            check_answers(schema.model_copy(update={"questions": rest}), left, images)
        except AnswersRefused as refused:
            touched.add(refused.question)
        else:
            break
    return touched
