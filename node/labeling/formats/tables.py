"""Consensus and readings as two CSV tables, which hold everything that goes out; UTF-8, one line feed a row.

A reading is one row an answer, and one row a mark for an answer that is marks; `answer` numbers the answers of a
reading. A shape is canonical JSON. Every other cell is a code, a number or a UID.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from pydantic import TypeAdapter

from node.labeling.formats.exported import (
    ExportedAnswer,
    ExportedMark,
    ExportedPlace,
    ExportedReading,
    ExportedVote,
    ProjectLabels,
    Readings,
    Votes,
)
from node.labeling.shapes import Shape
from protocols.encoding import canonical_json
from protocols.labels import Abstention

VOTE_COLUMNS: Final = ("case", "question", "option", "posterior", "votes", "abstentions")
READING_COLUMNS: Final = (
    *("case", "reader", "answer", "question", "chosen", "number", "abstention", "confidence", "instance_uid", "frame"),
    *("thing", "tracking_uid", "mark", "label", "shape"),
)
SHAPE: Final[TypeAdapter[Shape]] = TypeAdapter(Shape)


def write_votes(labels: ProjectLabels) -> bytes:
    """The table of what was agreed."""
    return table(VOTE_COLUMNS, (_vote_row(one.case, vote) for one in labels.cases for vote in one.votes))


def read_votes(contents: bytes) -> Votes:
    """What a table of `write_votes` says. Raises: ValueError for anything else."""
    rows = _rows(contents, VOTE_COLUMNS)
    return {case: tuple(_vote(row) for row in of_case) for case, of_case in groupby(rows, lambda row: row["case"])}


def write_readings(labels: ProjectLabels) -> bytes:
    """The table of what each reader said."""
    return table(
        READING_COLUMNS, (row for one in labels.cases for said in one.readings for row in _said(one.case, said))
    )


def read_readings(contents: bytes) -> Readings:
    """What a table of `write_readings` says. Raises: ValueError for anything else."""
    readings: dict[str, list[ExportedReading]] = {}
    rows = _rows(contents, READING_COLUMNS)
    for (case, author), of_reading in groupby(rows, lambda row: (row["case"], row["reader"])):
        answers = tuple(_answer(list(found)) for _, found in groupby(of_reading, lambda row: row["answer"]))
        readings.setdefault(case, []).append(ExportedReading(author, answers))
    return {case: tuple(found) for case, found in readings.items()}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV table of these rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def shape_words(shape: Shape) -> str:
    """The one JSON text of a shape."""
    return canonical_json(shape.model_dump(mode="json")).decode()


def _vote_row(case: str, vote: ExportedVote) -> Sequence[object]:
    return case, vote.name, vote.option or "", f"{vote.posterior:.6f}", vote.votes, vote.abstentions


def _vote(row: dict[str, str]) -> ExportedVote:
    counts = int(row["votes"]), int(row["abstentions"])
    return ExportedVote(row["question"], row["option"] or None, float(row["posterior"]), *counts)


def _said(case: str, reading: ExportedReading) -> Iterator[Sequence[object]]:
    for number, answer in enumerate(reading.answers, start=1):
        place = answer.place or ExportedPlace("")
        said = (
            *(case, reading.author, number, answer.question, " ".join(answer.chosen), _number(answer.number)),
            *(answer.abstention or "", _number(answer.confidence)),
        )
        if not answer.marks:
            about = (place.instance_uid, place.frame or "", answer.thing or "", answer.tracking_uid or "")
            yield *said, *about, "", "", ""
        for mark in answer.marks:
            about = (mark.instance_uid, mark.frame, mark.thing, mark.tracking_uid)
            yield *said, *about, mark.mark, mark.label or "", shape_words(mark.shape)


def _answer(rows: list[dict[str, str]]) -> ExportedAnswer:
    row = rows[0]
    drawn = bool(row["mark"])
    placed = ExportedPlace(row["instance_uid"], int(row["frame"]) if row["frame"] else None)
    return ExportedAnswer(
        question=row["question"],
        chosen=tuple(row["chosen"].split()),
        number=float(row["number"]) if row["number"] else None,
        marks=tuple(_mark(one) for one in rows) if drawn else (),
        abstention=Abstention(row["abstention"]) if row["abstention"] else None,
        confidence=float(row["confidence"]) if row["confidence"] else None,
        place=None if drawn or not row["instance_uid"] else placed,
        thing=None if drawn else row["thing"] or None,
        tracking_uid=None if drawn else row["tracking_uid"] or None,
    )


def _mark(row: dict[str, str]) -> ExportedMark:
    return ExportedMark(
        mark=row["mark"],
        thing=row["thing"],
        tracking_uid=row["tracking_uid"],
        instance_uid=row["instance_uid"],
        frame=int(row["frame"]),
        label=row["label"] or None,
        shape=SHAPE.validate_python(json.loads(row["shape"])),
    )


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _rows(contents: bytes, columns: Sequence[str]) -> list[dict[str, str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(contents)))
    reader = csv.DictReader(io.StringIO(contents.decode()), strict=True)
    if tuple(reader.fieldnames or ()) != tuple(columns):
        raise ValueError("not a table of these columns")
    return list(reader)
