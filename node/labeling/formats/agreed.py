"""What readers drew, fused, as a table: each shape with how sure it is, and how many drew it and who did not.

The shapes themselves stand in every format that holds shapes, as a reading of `CONSENSUS`; this table tells the rest.
A shape for which less speaks than against it has no mark there, and stands here alone. Codes of readers stand here only
where readings go out too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from node.labeling.formats.exported import AgreedShape, ProjectLabels
from node.labeling.formats.tables import table

CONSENSUS: Final = "consensus"
"""In the place of a reader's code."""
COLUMNS: Final = (
    *("case", "question", "label", "instance_uid", "frame", "mark"),
    *("posterior", "drawn", "not_drawn", "dissent", "doubts"),
)


Agreed = Mapping[str, tuple[AgreedShape, ...]]
"""By the case's name."""


def write_agreed(labels: ProjectLabels) -> bytes:
    """The table of fused shapes."""
    return table(COLUMNS, (_row(one.case, shape) for one in labels.cases for shape in one.agreed))


def read_agreed(contents: bytes) -> Agreed:
    """What a table of `write_agreed` says. Raises: ValueError for anything else."""
    reader = csv.DictReader(io.StringIO(contents.decode()), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError("not a table of these columns")
    found: dict[str, list[AgreedShape]] = {}
    for row in reader:
        found.setdefault(row["case"], []).append(_shape(row))
    return {case: tuple(shapes) for case, shapes in found.items()}


def _row(case: str, shape: AgreedShape) -> Sequence[object]:
    about = (case, shape.question, shape.label or "", shape.instance_uid, shape.frame, shape.mark or "")
    said = (f"{shape.posterior:.6f}", shape.drawn, shape.not_drawn, *_joined((shape.dissent, shape.doubts)))
    return *about, *said


def _joined(words: Sequence[Sequence[str]]) -> Iterator[str]:
    return (" ".join(one) for one in words)


def _shape(row: dict[str, str]) -> AgreedShape:
    return AgreedShape(
        question=row["question"],
        label=row["label"] or None,
        instance_uid=row["instance_uid"],
        frame=int(row["frame"]),
        mark=row["mark"] or None,
        posterior=float(row["posterior"]),
        drawn=int(row["drawn"]),
        not_drawn=int(row["not_drawn"]),
        dissent=tuple(row["dissent"].split()),
        doubts=tuple(row["doubts"].split()),
    )
