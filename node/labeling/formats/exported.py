"""What goes out of a project's cases, as values under the project's own names; free text has no place in them.

Coordinates lie on a grid of 1/256 of a pixel: such numbers are exact in the single precision of DICOM's graphic data up
to 65,536 columns, so that every format gives back the same shape. Of an ellipse the first half axis is the longer one.
What a reader called a mark could be any word, so marks are numbered anew within their reading, and the things they
show; one thing has one tracking UID in every format. Source: DICOM PS3.5 section 6.2 (FL), PS3.3 section C.8.20.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from node.labeling.leaving import LeavingAnswer
from node.labeling.shapes import Angle, Box, Contour, Distance, Ellipse, Keypoint, Mark, Mask, Point, Polygon, Shape
from protocols.labels import Abstention, LabelSchema

STEPS_PER_PIXEL = 256


@dataclass(frozen=True, slots=True)
class ExportedPlace:
    """One image, or one frame of it."""

    instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class ExportedMark:
    """One shape on one frame; `mark` and `thing` are numbers within the reading, `tracking_uid` is the thing's."""

    mark: str
    thing: str
    tracking_uid: str
    instance_uid: str
    frame: int
    label: str | None
    shape: Shape


@dataclass(frozen=True, slots=True)
class ExportedAnswer:
    """One answer; `thing` and `tracking_uid` say which marked thing it is about, where it is about one."""

    question: str
    chosen: tuple[str, ...] = ()
    number: float | None = None
    marks: tuple[ExportedMark, ...] = ()
    abstention: Abstention | None = None
    confidence: float | None = None
    place: ExportedPlace | None = None
    thing: str | None = None
    tracking_uid: str | None = None


@dataclass(frozen=True, slots=True)
class ExportedReading:
    """What one reader said of a case, under a code that no other project has."""

    author: str
    answers: tuple[ExportedAnswer, ...]


@dataclass(frozen=True, slots=True)
class ExportedVote:
    """What was agreed on one thing voted on, `question` or `question/option`."""

    name: str
    option: str | None
    posterior: float
    votes: int
    abstentions: int


@dataclass(frozen=True, slots=True)
class AgreedShape:
    """One fused shape."""

    question: str
    label: str | None
    instance_uid: str
    frame: int
    mark: str | None
    """Its mark in the reading of the consensus; none where it does not stand."""
    posterior: float
    drawn: int
    not_drawn: int
    dissent: tuple[str, ...]
    """Codes of those who say otherwise; empty where no readings go out."""
    doubts: tuple[str, ...]
    """Why somebody should look at the case's masks before they are used."""


@dataclass(frozen=True, slots=True)
class ExportedImage:
    """One image of a case as it lies in the export."""

    file: str
    study_uid: str
    series_uid: str
    instance_uid: str
    rows: int
    columns: int
    frames: int


@dataclass(frozen=True, slots=True)
class CaseLabels:
    """Everything that goes out about one case."""

    case: str
    images: tuple[ExportedImage, ...]
    votes: tuple[ExportedVote, ...] = ()
    readings: tuple[ExportedReading, ...] = ()
    agreed: tuple[AgreedShape, ...] = ()
    """How sure each fused shape is; the shapes stand among the readings."""


@dataclass(frozen=True, slots=True)
class ProjectLabels:
    """What goes out of a project, in the order of its cases' names."""

    schema: LabelSchema
    cases: tuple[CaseLabels, ...]


Readings = Mapping[str, tuple[ExportedReading, ...]]
"""Readings by the case's name, as a format gives them back; a case without any is not in it."""
Votes = Mapping[str, tuple[ExportedVote, ...]]
"""Consensus by the case's name."""


@dataclass(frozen=True, slots=True)
class ReadingNames:
    """The names a reading goes out under: its author's code, its images' UIDs, and a UID for each thing it marks."""

    author: str
    instance_uids: Mapping[str, str]
    """By identifier of the image; an image that is not exported is not in it."""
    tracking_uid: Callable[[str], str]


def exported_reading(answers: Iterable[LeavingAnswer], names: ReadingNames) -> ExportedReading:
    """The reading under these names; what is about an image that does not go out is left out."""
    numbering = _Numbering(names)
    given = [answer for answer in answers if answer.place is None or answer.place.image_id in names.instance_uids]
    made = {number: numbering.marks(answer.marks) for number, answer in enumerate(given)}
    found = [
        numbering.answer(answer, made[number])
        for number, answer in enumerate(given)
        if not answer.marks or made[number]
    ]
    return ExportedReading(names.author, tuple(one for one in found if one is not None))


class _Numbering:
    """Gives marks and things their numbers, in the order in which they are met."""

    def __init__(self, names: ReadingNames) -> None:
        self._names = names
        self._things: dict[str, str] = {}
        self._marks = 0

    def marks(self, drawn: tuple[Mark, ...]) -> tuple[ExportedMark, ...]:
        return tuple(self._mark(one) for one in drawn if one.image_id in self._names.instance_uids)

    def answer(self, said: LeavingAnswer, marks: tuple[ExportedMark, ...]) -> ExportedAnswer | None:
        """The answer; none where it is about a thing that does not go out."""
        thing = None if said.mark is None else self._things.get(said.mark)
        if said.mark is not None and thing is None:
            return None
        place = said.place
        return ExportedAnswer(
            question=said.question,
            chosen=said.chosen,
            number=said.number,
            marks=marks,
            abstention=said.abstention,
            confidence=said.confidence,
            place=None if place is None else ExportedPlace(self._names.instance_uids[place.image_id], place.frame),
            thing=thing,
            tracking_uid=None if thing is None else self._names.tracking_uid(thing),
        )

    def _mark(self, drawn: Mark) -> ExportedMark:
        self._marks += 1
        thing = self._things.setdefault(drawn.thing, f"t{len(self._things) + 1}")
        return ExportedMark(
            mark=f"m{self._marks}",
            thing=thing,
            tracking_uid=self._names.tracking_uid(thing),
            instance_uid=self._names.instance_uids[drawn.image_id],
            frame=drawn.frame,
            label=drawn.label,
            shape=on_grid(drawn.shape),
        )


def on_grid(shape: Shape) -> Shape:
    """The shape with every coordinate on the grid; of an ellipse the longer half axis first."""
    match shape:
        case Box():
            return shape.model_copy(
                update={"upper_left": _step(shape.upper_left), "lower_right": _step(shape.lower_right)}
            )
        case Polygon():
            return shape.model_copy(update={"corners": tuple(_step(one) for one in shape.corners)})
        case Contour():
            return shape.model_copy(update={"points": tuple(_step(one) for one in shape.points)})
        case Keypoint():
            return shape.model_copy(update={"point": _step(shape.point)})
        case Distance():
            return shape.model_copy(update={"ends": tuple(_step(one) for one in shape.ends)})
        case Angle():
            return shape.model_copy(update={"apex": _step(shape.apex), "arms": tuple(_step(one) for one in shape.arms)})
        case Ellipse():
            return _longer_first(shape)
        case Mask():
            return shape


def stepped(value: float) -> float:
    """The nearest number on the grid."""
    return round(value * STEPS_PER_PIXEL) / STEPS_PER_PIXEL


def keeping(
    reading: ExportedReading, kept: Callable[[ExportedAnswer], ExportedAnswer | None]
) -> ExportedReading | None:
    """The reading with what `kept` leaves of its answers; none where nothing is left."""
    answers = tuple(one for one in map(kept, reading.answers) if one is not None)
    return replace(reading, answers=answers) if answers else None


def _step(point: Point) -> Point:
    return stepped(point[0]), stepped(point[1])


def _longer_first(shape: Ellipse) -> Ellipse:
    first, second = (max(stepped(one), 1 / STEPS_PER_PIXEL) for one in shape.half_axes)
    turned = stepped(shape.turned_degrees if first >= second else shape.turned_degrees + 90) % 180
    axes = (max(first, second), min(first, second))
    return shape.model_copy(update={"centre": _step(shape.centre), "half_axes": axes, "turned_degrees": turned})
