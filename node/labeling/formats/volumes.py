"""Masks as NIfTI-1 volumes: one a reading and series, numbers for segments, with a list of what the numbers mean.

Slices of one orientation at even steps are one volume, ordered along its normal; any other frame is a volume of its
own. Voxel (i, j, k) is column, row, slice; the affine takes voxel centres to millimetres, x to the patient's right to
left turned over, since NIfTI counts to the right and to the front where DICOM counts to the left and to the back. A
frame without a place in space has no affine. Segments that would lie on each other stand in volumes of their own.
Source: NIfTI-1.1 (nifti1.h), method 3; DICOM PS3.3 section C.7.6.2.1.1. The 348 bytes are written here: a library would
bring 50 MB and files of its own.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from node.labeling.formats.dicom_objects import Sources, frames_of
from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading, Readings
from node.labeling.formats.runs import mask_of, picture_of
from node.labeling.formats.segments import Group, Segment, Where, layers, mask_in, number_of, says, segments_by
from protocols.encoding import canonical_json
from protocols.labels import Abstention, LabelSchema

KIND: Final = "masks"
_EVEN_MM: Final = 1e-3
_HEADER_BYTES, _DATA_AT = 348, 352
_SPACE_UNITS: Final = 2
"""Millimetres."""
_SCANNER: Final = 1
_TYPES: Final = {np.dtype(np.uint8): 2, np.dtype(np.uint16): 512}
_PLACED: Final = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "FrameOfReferenceUID")
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Space:
    """The frames of a volume in their order, and the affine to DICOM's millimetres, if there is one."""

    frames: list[Where]
    rows: int
    columns: int
    affine: NDArray[np.float64] | None
    """float64 [3, 4], DICOM's axes: left, back, head."""


def write_volumes(sources: Sources) -> Iterator[tuple[bytes, bytes]]:
    """The volumes of every reading of the case, each gzipped, with its list as JSON."""
    spaces = _spaces(sources)
    place_of: dict[Where, Group] = {where: (at,) for at, space in enumerate(spaces) for where in space.frames}
    for reading in sources.labels.readings:
        kept = says(reading, sources.schema)
        if kept is None:
            continue
        for place, segments in segments_by(kept, place_of.__getitem__, spaces[0].frames[0]).items():
            space = next(one for at, one in enumerate(spaces) if (at,) == place)
            for layer in layers(segments):
                yield _volume(space, layer), _listed(sources, reading.author, space, layer)


def read_volumes(files: Iterable[tuple[bytes, bytes]], schema: LabelSchema) -> Readings:
    """What volumes and their lists say. Raises: ValueError, KeyError for anything else."""
    found: dict[tuple[str, str], dict[str, ExportedAnswer]] = {}
    for volume, listed in files:
        told = json.loads(listed)
        numbers = voxels(volume)
        answers = found.setdefault((told["case"], told["reader"]), {})
        for segment in told["segments"]:
            before = answers.get(segment["question"], ExportedAnswer(segment["question"]))
            marks = tuple(sorted((*before.marks, *_marks(segment, told["frames"], numbers)), key=number_of))
            absent = None if marks else Abstention.ABSENT
            answers[segment["question"]] = ExportedAnswer(segment["question"], marks=marks, abstention=absent)
    readings: dict[str, list[ExportedReading]] = {}
    for (case, author), answers in sorted(found.items()):
        ordered = (answers[one.code] for one in schema.questions if one.code in answers)
        readings.setdefault(case, []).append(ExportedReading(author, tuple(ordered)))
    return {case: tuple(of_case) for case, of_case in readings.items()}


def voxels(volume: bytes) -> NDArray[np.uint16]:
    """The numbers of a volume of `write_volumes`: uint16 [slice, row, column]. Raises: ValueError for another file."""
    raw = gzip.decompress(volume)
    if len(raw) < _DATA_AT or struct.unpack_from("<i", raw)[0] != _HEADER_BYTES or raw[344:348] != b"n+1\0":
        raise ValueError("not a NIfTI-1 file in little-endian order")
    _, columns, rows, slices = struct.unpack_from("<4h", raw, 40)
    kind = "<u2" if struct.unpack_from("<h", raw, 70)[0] == _TYPES[np.dtype(np.uint16)] else "<u1"
    return np.frombuffer(raw, kind, offset=_DATA_AT).reshape(slices, rows, columns).astype(np.uint16)


def _spaces(sources: Sources) -> list[_Space]:
    grouped: dict[Group, list[Dataset]] = {}
    for uid, header in sources.headers.items():
        grouped.setdefault(_stack_of(header) if _is_placed(header) else (uid,), []).append(header)
    found: list[_Space] = []
    for headers in grouped.values():
        whole = _stacked(headers) if len(headers) > 1 else None
        found.extend([whole] if whole is not None else (one for header in headers for one in _alone(header)))
    return found


def _is_placed(header: Dataset) -> bool:
    return all(header.get(keyword) for keyword in _PLACED) and frames_of(header) == 1


def _stack_of(header: Dataset) -> Group:
    """What is the same for slices that may be one volume."""
    turned = tuple(round(float(one), 4) for one in header.ImageOrientationPatient)
    return header.SeriesInstanceUID, header.FrameOfReferenceUID, header.Rows, header.Columns, turned


def _stacked(headers: list[Dataset]) -> _Space | None:
    """The slices as one volume; none where their steps are uneven."""
    across, down = _directions(headers[0])
    ordered = sorted(headers, key=lambda one: float(_position(one) @ np.cross(across, down)))
    positions = np.array([_position(one) for one in ordered])
    steps = np.diff(positions, axis=0)
    even = np.abs(steps - steps[0]).max() <= _EVEN_MM and np.linalg.norm(steps[0]) > _EVEN_MM
    spacings = {tuple(float(number) for number in one.PixelSpacing) for one in ordered}
    if not even or len(spacings) > 1:
        return None
    step = (positions[-1] - positions[0]) / (len(ordered) - 1)
    frames = [(str(one.SOPInstanceUID), 1) for one in ordered]
    return _Space(frames, ordered[0].Rows, ordered[0].Columns, _affine(ordered[0], step))


def _alone(header: Dataset) -> Iterator[_Space]:
    affine = None
    if _is_placed(header):
        across, down = _directions(header)
        affine = _affine(header, np.cross(across, down) * float(header.get("SliceThickness") or 1.0))
    for at in range(frames_of(header)):
        yield _Space([(str(header.SOPInstanceUID), at + 1)], header.Rows, header.Columns, affine)


def _affine(header: Dataset, step: Vector) -> NDArray[np.float64]:
    """Columns: one column further, one row further, one slice further, the centre of the first voxel."""
    across, down = _directions(header)
    row_spacing, column_spacing = (float(one) for one in header.PixelSpacing)
    return np.stack([across * column_spacing, down * row_spacing, step, _position(header)], axis=1)


def _directions(header: Dataset) -> tuple[Vector, Vector]:
    cosines = np.array([float(one) for one in header.ImageOrientationPatient])
    return cosines[:3], cosines[3:]


def _position(header: Dataset) -> Vector:
    return np.array([float(one) for one in header.ImagePositionPatient])


def _volume(space: _Space, segments: list[Segment]) -> bytes:
    kind = np.dtype(np.uint8 if len(segments) < 256 else np.uint16)
    numbers = np.zeros((len(space.frames), space.rows, space.columns), dtype=kind.newbyteorder("<"))
    places = {where: at for at, where in enumerate(space.frames)}
    for number, segment in enumerate(segments, start=1):
        for where, mark in segment.marks.items():
            numbers[places[where]][picture_of(mask_in(mark))] = number
    return gzip.compress(_header(space, kind) + numbers.tobytes(), mtime=0)


def _header(space: _Space, kind: np.dtype[Any]) -> bytes:
    header = bytearray(_DATA_AT)
    spacing = (1.0, 1.0, 1.0) if space.affine is None else np.linalg.norm(space.affine[:, :3], axis=0).tolist()
    struct.pack_into("<i", header, 0, _HEADER_BYTES)
    struct.pack_into("<8h", header, 40, 3, space.columns, space.rows, len(space.frames), 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, _TYPES[kind], kind.itemsize * 8)
    struct.pack_into("<8f", header, 76, 1.0, *spacing, 0.0, 0.0, 0.0, 0.0)
    struct.pack_into("<f", header, 108, _DATA_AT)
    struct.pack_into("<f", header, 112, 1.0)
    header[123] = _SPACE_UNITS
    if space.affine is not None:
        to_right_and_front = np.diag([-1.0, -1.0, 1.0]) @ space.affine
        struct.pack_into("<2h", header, 252, 0, _SCANNER)
        struct.pack_into("<12f", header, 280, *to_right_and_front.ravel().tolist())
    header[344:348] = b"n+1\0"
    return bytes(header)


def _listed(sources: Sources, author: str, space: _Space, segments: list[Segment]) -> bytes:
    """What the numbers mean, and which image each slice is."""
    words = []
    for number, segment in enumerate(segments, start=1):
        first = next(iter(segment.marks.values()), None)
        named = {} if first is None else {"thing": first.thing, "tracking_uid": first.tracking_uid}
        marks = [mark.mark for _, mark in sorted(segment.marks.items(), key=lambda one: space.frames.index(one[0]))]
        words.append({"number": number, "question": segment.question, "label": segment.label, "marks": marks} | named)
    frames = [{"instance_uid": uid, "frame": frame} for uid, frame in space.frames]
    return canonical_json({"case": sources.labels.case, "reader": author, "frames": frames, "segments": words})


def _marks(
    segment: Mapping[str, Any], frames: list[dict[str, Any]], numbers: NDArray[np.uint16]
) -> Iterator[ExportedMark]:
    painted = [at for at in range(len(frames)) if (numbers[at] == segment["number"]).any()]
    for name, at in zip(segment["marks"], painted, strict=True):
        yield ExportedMark(
            mark=name,
            thing=segment["thing"],
            tracking_uid=segment["tracking_uid"],
            instance_uid=frames[at]["instance_uid"],
            frame=frames[at]["frame"],
            label=segment["label"],
            shape=mask_of(numbers[at] == segment["number"]),
        )
