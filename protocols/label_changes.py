"""What changed between two versions of a label schema, question by question.

A change of words alone is told apart from a change of what can be said: the first asks nobody to answer anew unless
somebody decides so; the second does, where an answer that was given does not stand any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocols.encoding import Code
from protocols.labels import Bilingual, LabelSchema, Question

_NO_WORDS = Bilingual(en="-", ko="-")


class ChangeKind(StrEnum):
    """How a question differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """Other answers can be given, or it is asked elsewhere or under another condition."""
    REWORDED = "reworded"
    """Only texts or codes differ."""


@dataclass(frozen=True, slots=True)
class QuestionChange:
    """One question that is not as it was."""

    question: Code
    kind: ChangeKind


def schema_changes(before: LabelSchema, after: LabelSchema) -> tuple[QuestionChange, ...]:
    """Every difference, in the order of the later schema; removed questions come last."""
    old = {question.code: question for question in before.questions}
    changes = [
        QuestionChange(question.code, kind)
        for question in after.questions
        if (kind := _change(old.pop(question.code, None), question)) is not None
    ]
    return (*changes, *(QuestionChange(code, ChangeKind.REMOVED) for code in old))


def _change(old: Question | None, new: Question) -> ChangeKind | None:
    if old is None:
        return ChangeKind.ADDED
    if old == new:
        return None
    return ChangeKind.REWORDED if _without_words(old) == _without_words(new) else ChangeKind.CHANGED


def _without_words(question: Question) -> Question:
    options = tuple(option.model_copy(update={"text": _NO_WORDS, "concept": None}) for option in question.options)
    return question.model_copy(update={"text": _NO_WORDS, "concept": None, "options": options})
