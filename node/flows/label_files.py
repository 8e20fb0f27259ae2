"""The files in which a project's labels go out, each read back before it is told as written.

What a format gives back is held against what it says that it holds; a format that gave back something else is named,
so that whoever takes the export knows which of its files not to trust. Its file stays: the others say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from node.labeling.formats import coco, fhir, presentations, reports, segmentations, segments, volumes
from node.labeling.formats.agreed import read_agreed, write_agreed
from node.labeling.formats.coco import read_coco, write_coco
from node.labeling.formats.dicom_objects import Sources
from node.labeling.formats.exported import CaseLabels, ExportedReading, ProjectLabels, Readings, Votes
from node.labeling.formats.fhir import read_fhir, write_fhir
from node.labeling.formats.tables import read_readings, read_votes, write_readings, write_votes

LABELS_FILE: Final = "labels.csv"
READINGS_FILE: Final = "readings.csv"
COCO_FILE: Final = "coco.json"
AGREED_FILE: Final = "shapes.csv"
FHIR_FILE: Final = "fhir.json"
Said = tuple[Votes, Readings]
Says = Callable[[ExportedReading], ExportedReading | None]
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class _Format:
    """A file about the whole project: how it is written and read, and what part of a reading it holds."""

    file: str
    write: Callable[[ProjectLabels], bytes]
    read: Callable[[bytes], Said]
    says: Says
    votes: bool
    """True where it holds consensus."""


def _nothing(_: ExportedReading) -> ExportedReading | None:
    return None


def _everything(reading: ExportedReading) -> ExportedReading | None:
    return reading


_ALWAYS: Final = (
    _Format(LABELS_FILE, write_votes, lambda raw: (read_votes(raw), {}), _nothing, votes=True),
    _Format(FHIR_FILE, write_fhir, read_fhir, fhir.says, votes=True),
)
_COCO: Final = _Format(COCO_FILE, write_coco, lambda raw: ({}, read_coco(raw)), coco.says, votes=False)
_WITH_READINGS: Final = (
    _Format(READINGS_FILE, write_readings, lambda raw: ({}, read_readings(raw)), _everything, votes=False),
    _COCO,
)


def project_files(labels: ProjectLabels, unequal: set[str], *, with_readings: bool) -> Iterator[File]:
    """The files about all cases; names of those that were read back otherwise are added to `unequal`."""
    drawn = any(coco.says(one) is not None for case in labels.cases for one in case.readings)
    also = _WITH_READINGS if with_readings else (_COCO,) if drawn else ()
    for one in (*_ALWAYS, *also):
        contents = one.write(labels)
        votes = {case.case: case.votes for case in labels.cases if case.votes} if one.votes else {}
        if one.read(contents) != (votes, _held(labels.cases, one.says)):
            unequal.add(one.file)
        yield one.file, contents
    agreed = {case.case: case.agreed for case in labels.cases if case.agreed}
    if agreed:
        contents = write_agreed(labels)
        if read_agreed(contents) != agreed:
            unequal.add(AGREED_FILE)
        yield AGREED_FILE, contents


def case_files(sources: Sources, unequal: set[str]) -> Iterator[File]:
    """The files about one case, beside its images; kinds of those that were read back otherwise go to `unequal`."""
    labels, schema = sources.labels, sources.schema
    cases = {image.instance_uid: labels.case for image in labels.images}
    masks = list(segmentations.write_segmentations(sources))
    told = list(reports.write_reports(sources))
    drawn = list(presentations.write_presentations(sources))
    spaces = list(volumes.write_volumes(sources))
    painted = _held((labels,), lambda reading: segments.says(reading, schema))
    shapes = _held((labels,), lambda reading: presentations.says(reading, schema))
    votes = {labels.case: labels.votes} if labels.votes else {}
    proofs = {
        segmentations.KIND: segmentations.read_segmentations(masks, cases, schema) == painted,
        reports.KIND: reports.read_reports(told, cases, schema) == (votes, _held((labels,), reports.says)),
        presentations.KIND: presentations.read_presentations(drawn, cases, schema) == shapes,
        volumes.KIND: volumes.read_volumes(spaces, schema) == painted,
    }
    unequal.update(kind for kind, equal in proofs.items() if not equal)
    dicom: Mapping[str, list[bytes]] = {segmentations.KIND: masks, reports.KIND: told, presentations.KIND: drawn}
    for kind, files in dicom.items():
        for number, contents in enumerate(files, start=1):
            yield f"{labels.case}/{kind}-{number:05d}.dcm", contents
    for number, (volume, listed) in enumerate(spaces, start=1):
        yield f"{labels.case}/{volumes.KIND}-{number:05d}.nii.gz", volume
        yield f"{labels.case}/{volumes.KIND}-{number:05d}.json", listed


def _held(cases: tuple[CaseLabels, ...], says: Says) -> Readings:
    """What a format holds of these cases' readings."""
    held = {case.case: tuple(one for one in map(says, case.readings) if one is not None) for case in cases}
    return {case: readings for case, readings in held.items() if readings}
