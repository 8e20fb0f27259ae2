"""Files of an export as they come in: which format they are in, what they say, and which of them says it wrongly.

All files of one import are in one format, since an export says the same in several. A file that is refused is named,
with the place in it as far as its format has one: a line, an annotation, a report. Nothing of what it says is told.
"""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO

from pydicom import dcmread

from node.labeling.formats.coco import read_coco
from node.labeling.formats.exported import ExportedReading, ExportedVote
from node.labeling.formats.fhir import read_fhir
from node.labeling.formats.incoming_file import FileFault, FileRefused, IncomingFile, Part, Said
from node.labeling.formats.reports import read_reports
from node.labeling.formats.segmentations import read_segmentations
from node.labeling.formats.tables import READING_COLUMNS, VOTE_COLUMNS, read_readings, read_votes, table
from node.labeling.formats.volumes import read_volumes
from node.labeling.outside import CASE_NAME
from protocols.labels import LabelSchema


class FileKind(StrEnum):
    """What a file is."""

    READINGS = "readings.csv"
    LABELS = "labels.csv"
    COCO = "COCO"
    FHIR = "FHIR"
    SEG = "DICOM SEG"
    SR = "DICOM SR"
    NIFTI = "NIfTI"


@dataclass(frozen=True, slots=True)
class _Ways:
    """How the files of one kind are read."""

    cases: Mapping[str, str]
    schema: LabelSchema

    def read(self, kind: FileKind, files: Sequence[IncomingFile]) -> Said:
        match kind:
            case FileKind.READINGS:
                return _joined(Said({}, read_readings(one.contents)) for one in files)
            case FileKind.LABELS:
                return _joined(Said(read_votes(one.contents), {}) for one in files)
            case FileKind.COCO:
                return _joined(Said({}, read_coco(one.contents)) for one in files)
            case FileKind.FHIR:
                return _joined(Said(*read_fhir(one.contents)) for one in files)
            case FileKind.SEG:
                return Said({}, read_segmentations([one.contents for one in files], self.cases, self.schema))
            case FileKind.SR:
                return Said(*read_reports([one.contents for one in files], self.cases, self.schema))
            case FileKind.NIFTI:
                return Said({}, read_volumes(_paired(files), self.schema))


def read_labels(files: Sequence[IncomingFile], cases: Mapping[str, str], schema: LabelSchema) -> Said:
    """What the files say; `cases` has the case of each instance UID.

    Raises:
        FileRefused: one of them is in no format, in another one than the rest, or says what it cannot say.
    """
    kind, ways = _common_kind(files), _Ways(cases, schema)
    said = _tried(ways, kind, files)
    if said is None:
        raise _first_refused(ways, kind, files)
    for case, readings in said.readings.items():
        if len({one.author for one in readings}) < len(readings):
            place = (Part.CASE, case) if CASE_NAME.fullmatch(case) else None
            raise FileRefused(files[0].name, FileFault.READER_TWICE, place)
    return said


def _common_kind(files: Sequence[IncomingFile]) -> FileKind:
    first: FileKind | None = None
    names: set[str] = set()
    for one in files:
        if one.name in names:
            raise FileRefused(one.name, FileFault.NAME_TWICE)
        names.add(one.name)
        kind = _kind(one)
        if kind is None:
            raise FileRefused(one.name, FileFault.UNKNOWN_KIND)
        if first is not None and kind is not first:
            raise FileRefused(one.name, FileFault.SEVERAL_KINDS)
        first = kind
    if first is None:
        raise FileRefused("", FileFault.UNKNOWN_KIND)
    if first is FileKind.NIFTI:
        _check_paired(files)
    return first


def _kind(file: IncomingFile) -> FileKind | None:
    try:
        return _KINDS[file.name[file.name.rindex(".") :].lower()](file)
    except Exception:  # noqa: BLE001 - hostile bytes: whatever they break, the file is in no format
        return None


def _kind_of_table(file: IncomingFile) -> FileKind | None:
    first = next(csv.reader(io.StringIO(file.contents.split(b"\n", 1)[0].decode())))
    return {tuple(READING_COLUMNS): FileKind.READINGS, tuple(VOTE_COLUMNS): FileKind.LABELS}.get(tuple(first))


def _kind_of_json(file: IncomingFile) -> FileKind | None:
    keys = json.loads(file.contents).keys()
    if {"reader", "segments", "frames"} <= keys:
        return FileKind.NIFTI
    return FileKind.COCO if "annotations" in keys else FileKind.FHIR if "entry" in keys else None


def _kind_of_dicom(file: IncomingFile) -> FileKind | None:
    modality = str(dcmread(BytesIO(file.contents), specific_tags=["Modality"]).Modality)
    return {"SEG": FileKind.SEG, "SR": FileKind.SR}.get(modality)


_KINDS: Mapping[str, Callable[[IncomingFile], FileKind | None]] = {
    ".csv": _kind_of_table,
    ".json": _kind_of_json,
    ".dcm": _kind_of_dicom,
    ".gz": lambda _: FileKind.NIFTI,
}


def _tried(ways: _Ways, kind: FileKind, files: Sequence[IncomingFile]) -> Said | None:
    """What the files say; none where they cannot be read so."""
    try:
        return ways.read(kind, files)
    except Exception:  # noqa: BLE001 - hostile bytes: whatever they break, the file is refused
        return None


def _first_refused(ways: _Ways, kind: FileKind, files: Sequence[IncomingFile]) -> FileRefused:
    """The first file that cannot be read by itself, and where."""
    lists = {one.name: one for one in files if one.name.endswith(".json")}
    for one in files:
        if kind is FileKind.NIFTI and one.name in lists:
            continue
        alone = [one, lists[_list_name(one.name)]] if kind is FileKind.NIFTI else [one]
        if _tried(ways, kind, alone) is None:
            return FileRefused(one.name, FileFault.NOT_READABLE, _place(ways, kind, one))
    return FileRefused(files[-1].name, FileFault.NOT_READABLE)


def _place(ways: _Ways, kind: FileKind, file: IncomingFile) -> tuple[Part, str] | None:
    """The first part of the file that cannot be read by itself; none where the file has no parts."""
    try:
        match kind:
            case FileKind.READINGS | FileKind.LABELS:
                return _bad_line(ways, kind, file)
            case FileKind.COCO:
                return _bad_item(ways, kind, file, "annotations", Part.ANNOTATION)
            case FileKind.FHIR:
                return _bad_item(ways, kind, file, "entry", Part.REPORT)
            case _:
                return None
    except Exception:  # noqa: BLE001 - what cannot be taken apart has no place to be named
        return None


def _bad_line(ways: _Ways, kind: FileKind, file: IncomingFile) -> tuple[Part, str] | None:
    rows = csv.reader(io.StringIO(file.contents.decode()), strict=True)
    columns = next(rows)
    for row in rows:
        if _tried(ways, kind, [replace(file, contents=table(columns, [row]))]) is None:
            return Part.LINE, str(rows.line_num)
    return None


def _bad_item(ways: _Ways, kind: FileKind, file: IncomingFile, listed: str, part: Part) -> tuple[Part, str] | None:
    """The end of the shortest beginning that cannot be read, halved towards; items that others refer to are in each."""
    whole = json.loads(file.contents)
    items = whole[listed]

    def breaks(most: int) -> bool:
        tried = whole | {listed: [one for at, one in enumerate(items) if at < most or _is_referred_to(one)]}
        return _tried(ways, kind, [replace(file, contents=json.dumps(tried).encode())]) is None

    number = bisect_left(range(len(items) + 1), x=True, key=breaks)
    return (part, str(number)) if 0 < number <= len(items) else None


def _is_referred_to(item: object) -> bool:
    return isinstance(item, dict) and item.get("resource", {}).get("resourceType") == "Observation"


def _check_paired(files: Sequence[IncomingFile]) -> None:
    names = {one.name for one in files}
    for one in files:
        if one.name.endswith(".gz") and _list_name(one.name) not in names:
            raise FileRefused(one.name, FileFault.LIST_MISSING)


def _paired(files: Sequence[IncomingFile]) -> list[tuple[bytes, bytes]]:
    """Each volume with its list."""
    named = {one.name: one.contents for one in files}
    return [(one.contents, named[_list_name(one.name)]) for one in files if one.name.endswith(".gz")]


def _list_name(volume: str) -> str:
    return volume.removesuffix(".gz").removesuffix(".nii") + ".json"


def _joined(parts: Iterable[Said]) -> Said:
    votes: dict[str, tuple[ExportedVote, ...]] = {}
    readings: dict[str, tuple[ExportedReading, ...]] = {}
    for one in parts:
        votes |= one.votes
        for case, found in one.readings.items():
            readings[case] = (*readings.get(case, ()), *found)
    return Said(votes, readings)
