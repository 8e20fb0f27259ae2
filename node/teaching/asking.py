"""How something voted on is asked of a learner: the words of the schema, in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from node.consensus.voted import CHOSEN, NOT_CHOSEN, voted_of
from node.ground.texts import Language, text
from node.teaching.course import Quiz
from node.teaching.errors import CourseRefused
from protocols.labels import Bilingual, LabelSchema

_MOST = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, and its answers by code, in their order."""

    text: Bilingual
    options: tuple[tuple[str, Bilingual], ...]

    def words_of(self, code: str) -> Bilingual:
        """The words of an answer; its code where the schema has it no more."""
        return next((text for one, text in self.options if one == code), Bilingual(en=code, ko=code))


def asked(schema: LabelSchema, voted_name: str) -> Asked:
    """The question about one thing voted on. Raises: CourseRefused where the schema does not vote on it."""
    voted = next((one for one in voted_of(schema) if one.name == voted_name), None)
    question = None if voted is None else schema.question(voted.question)
    if voted is None or question is None:
        raise CourseRefused("the task's schema does not vote on this")
    if voted.option is None:
        return Asked(question.text, tuple((option.code, option.text) for option in question.options))
    option = question.option(voted.option)
    words = question.text if option is None else _joined(question.text, option.text)
    return Asked(words, ((CHOSEN, _both("teaching.chosen")), (NOT_CHOSEN, _both("teaching.not_chosen"))))


def asked_quiz(quiz: Quiz) -> Asked:
    """The question of a quiz."""
    return Asked(quiz.text, tuple((option.code, option.text) for option in quiz.options))


def _joined(question: Bilingual, option: Bilingual) -> Bilingual:
    return Bilingual(en=f"{question.en} {option.en}"[:_MOST], ko=f"{question.ko} {option.ko}"[:_MOST])


def _both(key: str) -> Bilingual:
    return Bilingual(en=text(key, Language.EN), ko=text(key, Language.KO))
