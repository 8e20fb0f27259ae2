"""What was said about a project's cases, brought under the project's own names.

Consensus always; readings where somebody asks for them, and then under codes: from five readers on one code a reader,
so that who reads the export can compare them; with fewer, one code a reading, since the few would be known. Closed
cases alone, so nobody who has yet to read a case finds in an export what others said of it. Free text never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from node.consensus.closed_case import ClosedCase
from node.deidentify.project_key import ProjectNames
from node.flows.ward import Ward
from node.labeling.formats.exported import (
    CaseLabels,
    ExportedImage,
    ExportedReading,
    ExportedVote,
    ProjectLabels,
    ReadingNames,
    exported_reading,
)
from node.labeling.leaving import leaving
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of

CODES_FROM_READERS = 5
_CASES_AT_ONCE = 500
Images = Mapping[str, Mapping[str, ExportedImage]]
"""What went out, by case and image as the node knows them."""


@dataclass(frozen=True, slots=True)
class Authors:
    """The codes of a project's readers."""

    names: ProjectNames
    by_person: bool

    def code(self, reading: Reading) -> str:
        """Whose reading it is, as the export says it."""
        return self.names.reader(reading.person_id if self.by_person else reading.reading_id)


def labels_of(
    ward: Ward, project_id: str, names: ProjectNames, images: Images, *, with_readings: bool
) -> ProjectLabels:
    """What goes out about the cases whose images went out. Raises: ProjectUnknown, SchemaUnknown."""
    with ward.reading() as work:
        project = work.projects.by_id(project_id)
    schema = schema_of(project.schema_code, project.schema_version)
    closed = {case.case_id: case for case in closed_cases(ward, project_id) if case.case_id in images}
    readers = {reading.person_id for case in closed.values() for reading in case.readings}
    authors = Authors(names, by_person=len(readers) >= CODES_FROM_READERS)
    cases = []
    for case_id, of_case in images.items():
        found = closed.get(case_id)
        votes = () if found is None else _votes(found)
        readings = () if found is None or not with_readings else _readings(found, of_case, authors)
        cases.append(CaseLabels(names.case(case_id), tuple(of_case.values()), votes, readings))
    return ProjectLabels(schema, tuple(sorted(cases, key=lambda one: one.case)))


def closed_cases(ward: Ward, project_id: str) -> Iterator[ClosedCase]:
    """Every closed case of the project that may be used."""
    after = ""
    while True:
        with ward.reading() as work:
            found = work.consensus.closed_cases(project_id, after_case_id=after, limit=_CASES_AT_ONCE)
        yield from found
        if len(found) < _CASES_AT_ONCE:
            return
        after = found[-1].case_id


def _votes(closed: ClosedCase) -> tuple[ExportedVote, ...]:
    return tuple(
        ExportedVote(one.question, one.option, round(one.posterior, 6), one.votes, one.abstentions)
        for one in closed.consensus
    )


def _readings(closed: ClosedCase, images: Mapping[str, ExportedImage], authors: Authors) -> tuple[ExportedReading, ...]:
    uids = {image_id: image.instance_uid for image_id, image in images.items()}
    made = []
    for reading in closed.readings:
        names = ReadingNames(authors.code(reading), uids, partial(_tracking_uid, authors.names, reading.reading_id))
        made.append(exported_reading(leaving(reading.content.answers), names))
    return tuple(sorted((one for one in made if one.answers), key=lambda one: one.author))


def _tracking_uid(names: ProjectNames, reading_id: str, thing: str) -> str:
    return names.uid(f"{reading_id}/{thing}")
