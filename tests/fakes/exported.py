"""A project's labels as they go out, with every kind of answer and every shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.deidentify.pseudonyms import new_uid
from node.labeling.formats.exported import (
    CaseLabels,
    ExportedAnswer,
    ExportedImage,
    ExportedMark,
    ExportedPlace,
    ExportedReading,
    ExportedVote,
    ProjectLabels,
)
from node.labeling.shapes import Angle, Box, Contour, Distance, Ellipse, Keypoint, Mask, Polygon, Shape
from protocols.label_rules import GeometryRule, NumberRule, ShapeKind
from protocols.labels import Abstention, Bilingual, CodedConcept, LabelSchema, Level, Option, Question, QuestionKind

ROWS, COLUMNS = 6, 8
WORDS: Final = Bilingual(en="What is seen", ko="보이는 것")


def uid(name: str) -> str:
    """A UID of the project for this name."""
    return new_uid(bytes(range(32)), name)


SHAPES: Final[dict[str, Shape]] = {
    "box": Box(shape=ShapeKind.BOX, upper_left=(0.5, 1.25), lower_right=(4.00390625, 5.0)),
    "polygon": Polygon(shape=ShapeKind.POLYGON, corners=((1, 1), (5, 1), (1, 4))),
    "contour": Contour(shape=ShapeKind.CONTOUR, points=((1, 1), (5.125, 1), (3, 4), (3, 0.25))),
    "mask": Mask(shape=ShapeKind.MASK, rows=ROWS, columns=COLUMNS, runs=(3, 2, 6, 4, 33)),
    "full": Mask(shape=ShapeKind.MASK, rows=ROWS, columns=COLUMNS, runs=(0, ROWS * COLUMNS)),
    "row": Mask(shape=ShapeKind.MASK, rows=2, columns=3, runs=(0, 3, 3)),
    "keypoint": Keypoint(shape=ShapeKind.KEYPOINT, point=(2.5, 3.5)),
    "length": Distance(shape=ShapeKind.LENGTH, ends=((0.5, 0.5), (7.5, 5.5))),
    "angle": Angle(shape=ShapeKind.ANGLE, apex=(1, 1), arms=((5, 1), (1, 5))),
    "ellipse": Ellipse(shape=ShapeKind.ELLIPSE, centre=(4, 3), half_axes=(3.5, 2.0), turned_degrees=30.0),
}
OPTIONS: Final = tuple(Option(code=code, text=WORDS) for code in ("present", "possible"))
OPACITY: Final = CodedConcept(value="RID28530", scheme="RADLEX", meaning="opacity")
NODULE: Final = CodedConcept(value="27925004", scheme="SCT", meaning="Nodule")
SCHEMA: Final = LabelSchema(
    schema_code="everything",
    schema_version=3,
    title=WORDS,
    questions=(
        Question(code="opacity", level=Level.STUDY, text=WORDS, options=OPTIONS, concept=OPACITY),
        Question(
            code="findings",
            level=Level.STUDY,
            text=WORDS,
            kind=QuestionKind.MULTI,
            options=(
                Option(code="nodule", text=WORDS, concept=NODULE),
                Option(code="a-finding-with-a-name-of-more-than-sixteen-letters", text=WORDS),
            ),
            abstentions=(*Abstention,),
        ),
        Question(
            code="heart",
            level=Level.STUDY,
            text=WORDS,
            kind=QuestionKind.NUMBER,
            number=NumberRule(unit="mm", minimum=0, maximum=500),
        ),
        Question(code="quality", level=Level.INSTANCE, text=WORDS, kind=QuestionKind.ORDINAL, options=OPTIONS),
        Question(
            code="drawn",
            level=Level.FRAME,
            text=WORDS,
            kind=QuestionKind.GEOMETRY,
            options=OPTIONS,
            geometry=GeometryRule(shapes=tuple(ShapeKind)),
            abstentions=(*Abstention,),
        ),
        Question(
            code="painted",
            level=Level.FRAME,
            text=WORDS,
            kind=QuestionKind.GEOMETRY,
            options=OPTIONS,
            geometry=GeometryRule(shapes=(ShapeKind.MASK,)),
            concept=NODULE,
            abstentions=(*Abstention,),
        ),
        Question(code="margin", level=Level.FRAME, text=WORDS, options=OPTIONS, per_mark="drawn"),
    ),
)


def image(case: str, number: int, *, frames: int = 1, rows: int = ROWS, columns: int = COLUMNS) -> ExportedImage:
    """One image of a case."""
    uids = (uid(f"{case}/study"), uid(f"{case}/series"), uid(f"{case}/{number}"))
    return ExportedImage(f"{case}/{number:05d}.dcm", *uids, rows, columns, frames)


IMAGE: Final = image("C-AAAAAAAAAAAAAAAA", 1)


def mark(number: int, shape: Shape, **rest: object) -> ExportedMark:
    """One mark on the first frame of the image, of its own thing."""
    said = {"instance_uid": IMAGE.instance_uid, "frame": 1, "label": None, "thing": f"t{number}"} | rest
    tracking = uid(f"A/{said['thing']}")
    return ExportedMark(mark=f"m{number}", tracking_uid=tracking, shape=shape, **said)  # type: ignore[arg-type]  # as typed


def labels_of(shapes: Sequence[Shape]) -> ProjectLabels:
    """One case with one reading that drew these."""
    marks = tuple(mark(number, shape) for number, shape in enumerate(shapes, start=1))
    reading = ExportedReading("R-A", (ExportedAnswer("drawn", marks=marks),))
    return ProjectLabels(SCHEMA, (CaseLabels("C-AAAAAAAAAAAAAAAA", (IMAGE,), (), (reading,)),))


_FIRST: Final = ExportedReading(
    "R-A",
    (
        ExportedAnswer("opacity", ("present",), confidence=0.7),
        ExportedAnswer("findings", ("nodule", "a-finding-with-a-name-of-more-than-sixteen-letters")),
        ExportedAnswer("heart", number=123.0625),
        ExportedAnswer("quality", ("possible",), place=ExportedPlace(IMAGE.instance_uid)),
        ExportedAnswer(
            "drawn",
            marks=(
                mark(1, SHAPES["box"], label="present"),
                *(
                    mark(number, SHAPES[name])
                    for number, name in enumerate(
                        ("polygon", "contour", "keypoint", "length", "angle", "ellipse"), start=2
                    )
                ),
                mark(8, SHAPES["box"], thing="t1", label="present"),
            ),
            confidence=0.25,
        ),
        ExportedAnswer("painted", marks=(mark(9, SHAPES["mask"], label="possible"), mark(10, SHAPES["full"]))),
        ExportedAnswer("margin", ("possible",), thing="t1", tracking_uid=uid("A/t1")),
        ExportedAnswer("margin", abstention=Abstention.INDETERMINATE, thing="t2", tracking_uid=uid("A/t2")),
    ),
)
_SECOND: Final = ExportedReading(
    "R-B",
    (
        ExportedAnswer("opacity", abstention=Abstention.OUTSIDE_MY_FIELD),
        ExportedAnswer("findings", abstention=Abstention.ABSENT, confidence=1.0),
        ExportedAnswer("painted", abstention=Abstention.ABSENT),
        ExportedAnswer("quality", ("present",), place=ExportedPlace(IMAGE.instance_uid, 1)),
    ),
)
VOTES: Final = (
    ExportedVote("opacity", "present", 0.849999, 2, 1),
    ExportedVote("findings/nodule", "not-chosen", 0.5, 2, 0),
    ExportedVote("findings/a-finding-with-a-name-of-more-than-sixteen-letters", None, 0.0, 1, 1),
)
LABELS: Final = ProjectLabels(
    SCHEMA,
    (
        CaseLabels("C-AAAAAAAAAAAAAAAA", (IMAGE,), VOTES, (_FIRST, _SECOND)),
        CaseLabels("C-BBBBBBBBBBBBBBBB", (image("C-BBBBBBBBBBBBBBBB", 1),)),
    ),
)
