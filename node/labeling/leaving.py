"""Answers as something that leaves, or that a model learns from, may hold them: without free text, by their type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from node.labeling.reading import Answer
from node.labeling.shapes import Mark, Place
from protocols.labels import Abstention


@dataclass(frozen=True, slots=True)
class LeavingAnswer:
    """One answer; there is no field that could hold a text somebody typed."""

    question: str
    chosen: tuple[str, ...]
    number: float | None
    marks: tuple[Mark, ...]
    abstention: Abstention | None
    confidence: float | None
    place: Place | None
    mark: str | None


def leaving(answers: Iterable[Answer]) -> tuple[LeavingAnswer, ...]:
    """Every answer but those that are free text."""
    return tuple(
        LeavingAnswer(
            question=answer.question,
            chosen=answer.chosen(),
            number=answer.number,
            marks=answer.marks or (),
            abstention=answer.abstention,
            confidence=answer.confidence,
            place=answer.place,
            mark=answer.mark,
        )
        for answer in answers
        if answer.text is None
    )
