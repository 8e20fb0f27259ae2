"""Files of an export come in again: as readings of a named source, or as what is true.

The files carry the project's own names of cases, images and things, so that whoever annotated an export elsewhere
brings it back as it went. All of them or none: the first thing that does not fit is named, with its file, its place in
the file or its case, reader and question. What a source said before is replaced by what it says now.

As gold, what is voted on becomes the project's gold and shapes are kept as true ones; there is then one reader a case.
It is added to what is known: answers are replaced one by one, shapes by case, and the rest stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import ValidationError

from node.consensus.voted import said_in, voted_of
from node.deidentify.project_key import ProjectNames
from node.flows.act import Act
from node.flows.image_search import Place as ImagePlace
from node.flows.import_gold import GOLD_IMPORTED
from node.flows.label_refusals import SourceRefused, key_of, labels_refused, nothing_in, refused_file
from node.flows.project_export import NoSuchProject, ProjectImages
from node.flows.ward import Ward, WardWork
from node.labeling.answer_check import check_given
from node.labeling.answer_fault import AnswerFault
from node.labeling.errors import AnswersRefused, ProjectUnknown
from node.labeling.formats.exported import ExportedAnswer, ExportedMark, ExportedReading, Votes
from node.labeling.formats.incoming_file import FileRefused, IncomingFile, Said
from node.labeling.outside import (
    GOLD_SOURCE,
    MARK_NAME,
    READER_NAME,
    SOURCE_NAME,
    TRACKING_UID,
    OutsideReading,
)
from node.labeling.project import Project
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of
from node.labeling.shapes import Mark, Place
from protocols.labels import LabelSchema, QuestionKind

READINGS_IMPORTED: Final = "project.readings-imported"


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
        raise refused_file(refused) from None
    with parts.ward.writing() as work:
        _project(work, project_id)
        readings = list(_readings(work, names, said, (schema, source or GOLD_SOURCE)))
        if source is None:
            return _gold(work, project, names, (said, readings), act)
        if not readings:
            raise nothing_in("terminal.label_why_no_readings")
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
            raise labels_refused("terminal.label_why_case", case=case)
        images = work.sheets.images_of(names.cases[case])
        for reading in readings:
            if READER_NAME.fullmatch(reading.author) is None:
                raise labels_refused("terminal.label_why_reader", case=case)
            if not all(MARK_NAME.fullmatch(name) for name in _mark_names(reading)):
                raise labels_refused("terminal.label_why_mark", case=case, reader=reading.author)
            if not all(TRACKING_UID.fullmatch(uid) for uid in _tracking_uids(reading)):
                raise labels_refused("terminal.label_why_tracking_uid", case=case, reader=reading.author)
            answers = tuple(_answer(names, schema, one, (case, reading)) for one in reading.answers)
            try:
                check_given(schema, answers, images)
            except AnswersRefused as refused:
                where = {"case": case, "reader": reading.author, "question": refused.question}
                raise labels_refused(key_of("fault", refused.fault), **where) from None
            yield OutsideReading(source, reading.author, names.cases[case], answers)


def _answer(names: _Names, schema: LabelSchema, said: ExportedAnswer, of: tuple[str, ExportedReading]) -> Answer:
    case, reading = of
    question = schema.question(said.question)
    where = {"case": case, "reader": reading.author, "question": said.question}
    if question is None:
        where["question"] = str(reading.answers.index(said) + 1)  # not by its word: nobody knows what that is
        raise labels_refused(key_of("fault", AnswerFault.UNKNOWN_QUESTION), **where)
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
        raise labels_refused(key_of("fault", AnswerFault.IMAGE_UNKNOWN), **where) from None
    except ValidationError:
        raise labels_refused(key_of("fault", AnswerFault.WRONG_KIND), **where) from None


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
        if answer.thing is not None:
            yield answer.thing


def _tracking_uids(reading: ExportedReading) -> Iterator[str]:
    for answer in reading.answers:
        yield from (mark.tracking_uid for mark in answer.marks)
        if answer.tracking_uid is not None:
            yield answer.tracking_uid


def _gold(
    work: WardWork, project: Project, names: _Names, said: tuple[Said, list[OutsideReading]], act: Act
) -> Imported:
    """What is voted on is added to the project's gold, shapes to the true ones; what the files do not say stays."""
    readings = said[1]
    schema = schema_of(project.schema_code, project.schema_version)
    options = {voted.name: voted.options for voted in voted_of(schema)}
    known = _voted(names, said[0].votes, options)
    by_case: dict[str, OutsideReading] = {}
    for reading in readings:
        if reading.case_id in by_case:
            raise labels_refused("terminal.label_why_several_truths", case=_name_of(names, reading.case_id))
        by_case[reading.case_id] = reading
        for voted in voted_of(schema):
            for option in said_in(voted, reading.answers):
                if option is not None:
                    known[reading.case_id, voted.name] = option
    true = {one.case_id: [one] if _draws(one) else [] for one in readings if _speaks_of_shapes(schema, one)}
    drawn = {case_id for case_id, shapes in true.items() if shapes}
    if not known and not drawn:
        raise nothing_in("terminal.label_why_no_gold")
    _add_gold(work, project.project_id, known, true, act)
    cases = {case_id for case_id, _ in known}
    return Imported(len(cases | drawn), len(drawn), len(cases))


def _add_gold(
    work: WardWork,
    project_id: str,
    known: Mapping[tuple[str, str], str],
    true: Mapping[str, Sequence[OutsideReading]],
    act: Act,
) -> None:
    """Answers by case and name of what is voted on, true shapes by case; whatever else is known stays."""
    subject = f"project:{project_id}"
    if known:
        options = {**work.fusions.gold(project_id), **known}
        work.fusions.set_gold(project_id, options, act.event(GOLD_IMPORTED, subject))
    if true:
        work.outside.set_cases(project_id, GOLD_SOURCE, true, act.event(GOLD_IMPORTED, subject, "shapes"))


def _draws(reading: OutsideReading) -> bool:
    return any(answer.marks for answer in reading.answers)


def _speaks_of_shapes(schema: LabelSchema, reading: OutsideReading) -> bool:
    """True where the reading answers what is drawn, be it that there is nothing."""
    asked = (schema.question(answer.question) for answer in reading.answers)
    return any(question is not None and question.geometry is not None for question in asked)


def _voted(names: _Names, votes: Votes, options: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], str]:
    """What was agreed, by case and name of what is voted on. Raises: LabelsRefused."""
    known: dict[tuple[str, str], str] = {}
    for case, of_case in votes.items():
        if case not in names.cases:
            raise labels_refused("terminal.label_why_case", case=case)
        for number, one in enumerate(of_case, start=1):
            if one.option is None:
                continue
            if one.option not in options.get(one.name, ()):
                question = one.name if one.name in options else str(number)
                raise labels_refused("terminal.label_why_not_voted", case=case, question=question)
            known[names.cases[case], one.name] = one.option
    return known


def _name_of(names: _Names, case_id: str) -> str:
    return next(name for name, found in names.cases.items() if found == case_id)
