"""What was said about a project's cases, brought under the project's own names.

Consensus always; readings where somebody asks for them, and then under codes: from five readers on one code a reader,
so that who reads the export can compare them; with fewer, one code a reading, since the few would be known. Beside them
stands what other sources said, under the source's name, but never what is gold: it would tell which cases are. Closed
cases alone, so nobody who has yet to read a case finds in an export what others said of it. Free text never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from node.consensus.closed_case import ClosedCase
from node.consensus.fused_shapes import ShapeConsensus
from node.deidentify.project_key import ProjectNames
from node.flows.agreed_shapes import AgreedNames, agreed_of
from node.flows.ward import Ward
from node.labeling.formats.exported import (
    CaseLabels,
    ExportedAnswer,
    ExportedImage,
    ExportedMark,
    ExportedPlace,
    ExportedReading,
    ExportedVote,
    ProjectLabels,
    ReadingNames,
    exported_reading,
)
from node.labeling.leaving import LeavingAnswer, leaving
from node.labeling.outside import GOLD_SOURCE, OutsideReading
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


@dataclass(frozen=True, slots=True)
class _Going:
    """What is known of a project's closed cases; `authors` are none where no readings go out."""

    names: ProjectNames
    closed: Mapping[str, ClosedCase]
    fused: Mapping[str, ShapeConsensus]
    outside: Mapping[str, Sequence[OutsideReading]]
    authors: Authors | None

    def case(self, case_id: str, images: Mapping[str, ExportedImage]) -> CaseLabels:
        """Everything that goes out about the case."""
        name, found = self.names.case(case_id), self.closed.get(case_id)
        if found is None:
            return CaseLabels(name, tuple(images.values()))
        own = () if self.authors is None else _readings(found, images, self.authors)
        beside = (came_in(one, images, self.names) for one in self.outside.get(case_id, ()))
        codes = {} if self.authors is None else {one.person_id: self.authors.code(one) for one in found.readings}
        fused = self.fused.get(case_id, ShapeConsensus())
        together, agreed = agreed_of(fused, AgreedNames(self.names, case_id, images, codes))
        said = [one for one in (*own, *beside, together) if one is not None and one.answers]
        ordered = tuple(sorted(said, key=lambda one: one.author))
        return CaseLabels(name, tuple(images.values()), _votes(found), ordered, agreed)


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
    with ward.reading() as work:
        fused = work.fused_shapes.of_cases(project_id, sorted(closed))
    outside = _outside(ward, project_id, sorted(closed)) if with_readings else {}
    going = _Going(names, closed, fused, outside, authors if with_readings else None)
    cases = (going.case(case_id, of_case) for case_id, of_case in images.items())
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


def came_in(reading: OutsideReading, images: Mapping[str, ExportedImage], names: ProjectNames) -> ExportedReading:
    """What a source said, with the marks' and things' own names, as it came in; UIDs of things are the project's."""
    uids = {image_id: image.instance_uid for image_id, image in images.items()}
    about = f"outside/{reading.source}/{reading.author}/{reading.case_id}"
    tracking_uid = partial(_tracking_uid, names, about)
    answers = (_as_it_came(answer, uids, tracking_uid) for answer in leaving(reading.answers))
    return ExportedReading(f"{reading.source}.{reading.author}", tuple(one for one in answers if one is not None))


def _as_it_came(
    said: LeavingAnswer, uids: Mapping[str, str], tracking_uid: Callable[[str], str]
) -> ExportedAnswer | None:
    """The answer; none where it is about an image that does not go out."""
    marks = tuple(
        ExportedMark(
            mark=one.mark,
            thing=one.thing,
            tracking_uid=tracking_uid(one.thing),
            instance_uid=uids[one.image_id],
            frame=one.frame,
            label=one.label,
            shape=one.shape,
        )
        for one in said.marks
        if one.image_id in uids
    )
    place = said.place
    if (said.marks and not marks) or (place is not None and place.image_id not in uids):
        return None
    return ExportedAnswer(
        question=said.question,
        chosen=said.chosen,
        number=said.number,
        marks=marks,
        abstention=said.abstention,
        confidence=said.confidence,
        place=None if place is None else ExportedPlace(uids[place.image_id], place.frame),
        thing=said.mark,
        tracking_uid=None if said.mark is None else tracking_uid(said.mark),
    )


def _outside(ward: Ward, project_id: str, case_ids: Sequence[str]) -> dict[str, list[OutsideReading]]:
    """What other sources said of these cases, by case; not what is gold."""
    found: dict[str, list[OutsideReading]] = {}
    for start in range(0, len(case_ids), _CASES_AT_ONCE):
        with ward.reading() as work:
            page = work.outside.of_cases(project_id, case_ids[start : start + _CASES_AT_ONCE])
        for one in page:
            if one.source != GOLD_SOURCE:
                found.setdefault(one.case_id, []).append(one)
    return found


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
    return tuple(made)


def _tracking_uid(names: ProjectNames, reading: str, thing: str) -> str:
    return names.uid(f"{reading}/{thing}")
