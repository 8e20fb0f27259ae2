"""Fused shapes brought under a project's names: a reading of the consensus, and the table of how sure each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from node.consensus.fused_shapes import FusedShape, ShapeConsensus
from node.deidentify.project_key import ProjectNames
from node.labeling.formats.agreed import CONSENSUS
from node.labeling.formats.exported import (
    AgreedShape,
    ExportedAnswer,
    ExportedImage,
    ExportedMark,
    ExportedReading,
    on_grid,
)
from protocols.labels import Abstention


@dataclass(frozen=True, slots=True)
class AgreedNames:
    """The names fused shapes go out under; `codes` of readers are empty where no readings go out."""

    names: ProjectNames
    case_id: str
    images: Mapping[str, ExportedImage]
    codes: Mapping[str, str]


def agreed_of(consensus: ShapeConsensus, under: AgreedNames) -> tuple[ExportedReading | None, tuple[AgreedShape, ...]]:
    """The reading of the consensus, none where nothing was fused; and every shape of images that go out."""
    things: dict[tuple[str, str], str] = {}
    numbers = count(1)
    marks: dict[str, list[ExportedMark]] = {question: [] for question in consensus.questions}
    told: list[AgreedShape] = []
    for shape in (one for one in consensus.shapes if one.image_id in under.images):
        mark = None
        if shape.stands:
            thing = things.setdefault((shape.question, shape.thing), f"t{len(things) + 1}")
            mark = _mark(shape, under, (f"m{next(numbers)}", thing))
            marks[shape.question].append(mark)
        told.append(_told(shape, under, mark, consensus.doubts))
    said = ((question, drawn) for question, drawn in marks.items() if question not in consensus.undecided)
    answers = tuple(_answer(question, tuple(drawn)) for question, drawn in said)
    return (ExportedReading(CONSENSUS, answers) if answers else None), tuple(told)


def _answer(question: str, marks: tuple[ExportedMark, ...]) -> ExportedAnswer:
    """What was agreed to be there, or that nothing is."""
    return ExportedAnswer(question, marks=marks, abstention=None if marks else Abstention.ABSENT)


def _mark(shape: FusedShape, under: AgreedNames, named: tuple[str, str]) -> ExportedMark:
    return ExportedMark(
        mark=named[0],
        thing=named[1],
        tracking_uid=under.names.uid(f"{CONSENSUS}/{under.case_id}/{shape.question}/{shape.thing}"),
        instance_uid=under.images[shape.image_id].instance_uid,
        frame=shape.frame,
        label=shape.label,
        shape=on_grid(shape.shape),
    )


def _told(shape: FusedShape, under: AgreedNames, mark: ExportedMark | None, doubts: tuple[str, ...]) -> AgreedShape:
    return AgreedShape(
        question=shape.question,
        label=shape.label,
        instance_uid=under.images[shape.image_id].instance_uid,
        frame=shape.frame,
        mark=None if mark is None else mark.mark,
        posterior=round(shape.posterior, 6),
        drawn=len(shape.drawn_by),
        not_drawn=len(shape.not_drawn_by),
        dissent=tuple(sorted(under.codes[one] for one in shape.dissent() if one in under.codes)),
        doubts=doubts,
    )
