"""Files of an export come in again: as readings of a named source, or as what is true.

The files carry the project's own names of cases, images and things, so that whoever annotated an export elsewhere
brings it back as it went. All of them or none: the first thing that does not fit is named, with its file, its place in
the file or its case, reader and question. What a source said before is replaced by what it says now.

As gold, what is voted on becomes the project's gold and shapes are kept as true ones; there is then one reader a case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final, Protocol

from pydantic import ValidationError

from node.consensus.voted import said_in, voted_of
from node.deidentify.project_key import ProjectNames
from node.flows.act import Act
from node.flows.image_search import Place as ImagePlace
from node.flows.import_gold import GOLD_IMPORTED
from node.flows.project_export import NoSuchProject, ProjectImages
from node.flows.ward import Ward, WardWork
from node.ground.told import Phrase, Told
from node.labeling.answer_check import check_given
from node.labeling.answer_fault import AnswerFault
from node.labeling.errors import AnswersRefused, ProjectUnknown
from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading, ExportedVote, Votes
from node.labeling.formats.incoming_file import FileRefused, IncomingFile, Said
from node.labeling.outside import GOLD_SOURCE, MARK_NAME, READER_NAME, SOURCE_NAME, OutsideReading
from node.labeling.project import Project
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of
from node.labeling.shapes import Mark, Place
from protocols.labels import LabelSchema, QuestionKind

READINGS_IMPORTED: Final = "project.readings-imported"
_FILES: Final = Phrase("terminal.label_in_files")


class LabelsRefused(Told):
    """A file, or something it says, cannot be taken; nothing was."""

    text_key = "terminal.labels_refused"


class SourceRefused(Told):
    """A source is called by a short code."""

    text_key = "terminal.label_source_refused"


class LabelFiles(Protocol):
    """Reads files of labels that come from outside."""

    def read(self, files: Sequence[IncomingFile], cases: Mapping[str, str], schema: LabelSchema) -> Said:
        """What the files say; `cases` has the case of each instance UID. Raises: FileRefused."""
        ...


class ImagePlaces(Protocol):
    """Where clean images stand."""

    def places(self, image_ids: Sequence[str]) -> Mapping[str, ImagePlace]:
        """By image; one that cannot be found is left out."""
        ...


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What importing is made of; `names` are those of the one project."""

    ward: Ward
    images: ProjectImages
    places: ImagePlaces
    files: LabelFiles
    names: ProjectNames


@dataclass(frozen=True, slots=True)
class Imported:
    """How much was taken."""

    cases: int
    readings: int
    gold: int
    """Cases with a known answer."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The project's names, back to the node's."""

    cases: Mapping[str, str]
    images: Mapping[str, str]
    """By the instance UID of an export."""
    case_of: Mapping[str, str]
    """The case's name in an export, by the instance UID of an export."""


def import_labels(
    parts: ImportParts, project_id: str, files: Sequence[IncomingFile], source: str | None, act: Act
) -> Imported:
    """What the files say is the source's; without a source it is true.

    Raises:
        NoSuchProject: no project has this identifier.
        SourceRefused, LabelsRefused: as their docstrings say.
    """
    if source is not None and (SOURCE_NAME.fullmatch(source) is None or source == GOLD_SOURCE):
        raise SourceRefused
    with parts.ward.reading() as work:
        project = _project(work, project_id)
        case_ids = work.project_cases.case_ids(project_id)
    schema, names = schema_of(project.schema_code, project.schema_version), _names(parts, sorted(case_ids))
    try:
        said = parts.files.read(files, names.case_of, schema)
    except FileRefused as refused:
        raise _told(refused) from None
    with parts.ward.writing() as work:
        _project(work, project_id)
        readings = list(_readings(work, names, said, (schema, source or GOLD_SOURCE)))
        if source is None:
            return _gold(work, project, names, (said, readings), act)
        if not readings:
            raise _nothing("terminal.label_why_no_readings")
        event = act.event(READINGS_IMPORTED, f"project:{project_id}", source)
        work.outside.set(project_id, source, readings, event)
    return Imported(len({one.case_id for one in readings}), len(readings), 0)


def _project(work: WardWork, project_id: str) -> Project:
    try:
        return work.projects.by_id(project_id)
    except ProjectUnknown:
        known = ", ".join(f"{one.title} = {one.project_id}" for one in work.projects.all())
        raise NoSuchProject(project=project_id, known=known or "-") from None


def _names(parts: ImportParts, case_ids: Sequence[str]) -> _Names:
    cases = {parts.names.case(case_id): case_id for case_id in case_ids}
    images: dict[str, str] = {}
    case_of: dict[str, str] = {}
    for name, case_id in cases.items():
        for image_id, place in parts.places.places(parts.images.image_ids(case_id)).items():
            uid = parts.names.uid(place.instance_uid)
            images[uid], case_of[uid] = image_id, name
    return _Names(cases, images, case_of)


def _readings(work: WardWork, names: _Names, said: Said, about: tuple[LabelSchema, str]) -> Iterator[OutsideReading]:
    """Each reading under the node's names, once the schema takes it. `about`: the schema, and the source."""
    schema, source = about
    for case, readings in sorted(said.readings.items()):
        if case not in names.cases:
            raise _refused("terminal.label_why_case", case=case)
        images = work.sheets.images_of(names.cases[case])
        for reading in readings:
            if READER_NAME.fullmatch(reading.author) is None:
                raise _refused("terminal.label_why_reader", case=case)
            if not all(MARK_NAME.fullmatch(name) for name in _mark_names(reading)):
                raise _refused("terminal.label_why_mark", case=case, reader=reading.author)
            answers = tuple(_answer(names, schema, one, (case, reading)) for one in reading.answers)
            try:
                check_given(schema, answers, images)
            except AnswersRefused as refused:
                where = {"case": case, "reader": reading.author, "question": refused.question}
                raise _refused(_key("fault", refused.fault), **where) from None
            yield OutsideReading(source, reading.author, names.cases[case], answers, _tracking_uids(reading))


def _answer(names: _Names, schema: LabelSchema, said: ExportedAnswer, of: tuple[str, ExportedReading]) -> Answer:
    case, reading = of
    question = schema.question(said.question)
    where = {"case": case, "reader": reading.author, "question": said.question}
    if question is None:
        raise _refused(_key("fault", AnswerFault.UNKNOWN_QUESTION), **where)
    several, place = question.kind is QuestionKind.MULTI, said.place
    try:
        return Answer(
            question=said.question,
            option=said.chosen[0] if said.chosen and not several else None,
            options=said.chosen if said.chosen and several else None,
            number=said.number,
            marks=tuple(_mark(names, one) for one in said.marks) or None,
            abstention=said.abstention,
            confidence=said.confidence,
            place=None if place is None else Place(image_id=names.images[place.instance_uid], frame=place.frame),
            mark=said.thing,
        )
    except KeyError:
        raise _refused(_key("fault", AnswerFault.IMAGE_UNKNOWN), **where) from None
    except ValidationError:
        raise _refused(_key("fault", AnswerFault.WRONG_KIND), **where) from None


def _mark(names: _Names, drawn: ExportedMark) -> Mark:
    return Mark(
        mark=drawn.mark,
        of=drawn.thing,
        image_id=names.images[drawn.instance_uid],
        frame=drawn.frame,
        label=drawn.label,
        shape=drawn.shape,
    )


def _mark_names(reading: ExportedReading) -> Iterator[str]:
    """What the reading calls its marks, and the things they show."""
    for answer in reading.answers:
        yield from (name for mark in answer.marks for name in (mark.mark, mark.thing))


def _tracking_uids(reading: ExportedReading) -> dict[str, str]:
    marks = chain.from_iterable(one.marks for one in reading.answers)
    named: list[tuple[str | None, str | None]] = [(one.thing, one.tracking_uid) for one in marks]
    named += [(one.thing, one.tracking_uid) for one in reading.answers]
    return {thing: uid for thing, uid in named if thing is not None and uid is not None}


def _gold(
    work: WardWork, project: Project, names: _Names, said: tuple[Said, list[OutsideReading]], act: Act
) -> Imported:
    """What is voted on is the project's gold, shapes are kept as true; what the files do not say stays as it was."""
    readings = said[1]
    schema = schema_of(project.schema_code, project.schema_version)
    options = {voted.name: voted.options for voted in voted_of(schema)}
    known = _voted(names, said[0].votes, options)
    by_case: dict[str, OutsideReading] = {}
    for reading in readings:
        if reading.case_id in by_case:
            raise _refused("terminal.label_why_several_truths", case=_name_of(names, reading.case_id))
        by_case[reading.case_id] = reading
        for voted in voted_of(schema):
            for option in said_in(voted, reading.answers):
                if option is not None:
                    known[reading.case_id, voted.name] = option
    shapes = [one for one in readings if any(answer.marks for answer in one.answers)]
    if not known and not shapes:
        raise _nothing("terminal.label_why_no_gold")
    event = act.event(GOLD_IMPORTED, f"project:{project.project_id}")
    if known:
        work.fusions.set_gold(project.project_id, known, event)
    if shapes:
        work.outside.set(project.project_id, GOLD_SOURCE, shapes, event)
    cases = {case_id for case_id, _ in known}
    return Imported(len(cases | {one.case_id for one in shapes}), len(shapes), len(cases))


def _voted(names: _Names, votes: Votes, options: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    """What was agreed, by case and name of what is voted on. Raises: LabelsRefused."""
    known: dict[tuple[str, str], str] = {}
    for case, of_case in votes.items():
        if case not in names.cases:
            raise _refused("terminal.label_why_case", case=case)
        for one in of_case:
            option = _standing(one, options, case)
            if option is not None:
                known[names.cases[case], one.name] = option
    return known


def _standing(vote: ExportedVote, options: Mapping[str, Sequence[str]], case: str) -> str | None:
    """The option the vote names, if it names one. Raises: LabelsRefused where the schema does not vote on it so."""
    if vote.option is not None and vote.option not in options.get(vote.name, ()):
        raise _refused("terminal.label_why_not_voted", case=case, question=vote.name)
    return vote.option


def _name_of(names: _Names, case_id: str) -> str:
    return next(name for name, found in names.cases.items() if found == case_id)


def _told(refused: FileRefused) -> LabelsRefused:
    where = Phrase("terminal.label_in_file", {"file": refused.file}) if refused.file else _FILES
    place = refused.place
    within = "" if place is None else Phrase(f"terminal.label_in_{place[0].value}", {"name": place[1]})
    return LabelsRefused(where=where, within=within, why=Phrase(_key("why", refused.fault)))


def _refused(why: str, *, case: str, reader: str = "", question: str = "") -> LabelsRefused:
    """What does not fit, with its case, reader and question, as far as it has them."""
    parts = [name for name, said in (("reader", reader), ("question", question)) if said]
    named = {"reader": reader, "question": question}
    within = Phrase(f"terminal.label_in_{'_'.join(parts)}", named) if parts else ""
    where = Phrase("terminal.label_in_case", {"name": case})
    return LabelsRefused(where=where, within=within, why=Phrase(why))


def _nothing(why: str) -> LabelsRefused:
    return LabelsRefused(where=_FILES, within="", why=Phrase(why))


def _key(kind: str, fault: StrEnum) -> str:
    return f"terminal.label_{kind}_{fault.value.replace('-', '_')}"
