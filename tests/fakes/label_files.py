"""Files of an export as another program brings them back, and a project of films that they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fakes.dicom_formats import header
from fakes.hospital import Hospital, film

from node.deidentify.project_key import ProjectNames
from node.flows.image_search import Place as ImagePlace
from node.flows.import_labels import (
    ImportParts,
)
from node.flows.label_export import came_in
from node.flows.label_files import case_files, project_files
from node.flows.projects import add_cases, make_project
from node.ground.ids import new_id
from node.labeling.formats import coco, fhir, reports, segments
from node.labeling.formats.dicom_objects import Sources
from node.labeling.formats.exported import (
    CaseLabels,
    ExportedAnswer,
    ExportedImage,
    ExportedMark,
    ExportedReading,
    ProjectLabels,
)
from node.labeling.formats.incoming import read_labels
from node.labeling.formats.incoming_file import IncomingFile, Said
from node.labeling.project import NewProject
from node.labeling.schema_shelf import schema_of
from node.labeling.shapes import Box, Mask
from node.storage.project_images import WardProjectImages
from protocols.label_rules import ShapeKind
from protocols.labels import Abstention, LabelSchema

NAMES = ProjectNames(bytes(range(32)))
FORMATS = ("readings.csv", "coco.json", "fhir.json", "seg", "sr", "nii")
SIDE = 4


class PlainLabelFiles:
    """Reads in this process; the walls have a test of their own."""

    def read(self, files: Sequence[IncomingFile], cases: Mapping[str, str], schema: LabelSchema) -> Said:
        return read_labels(files, cases, schema)


@dataclass(frozen=True)
class Places:
    """Where the films stand: the study and series of their number."""

    def places(self, image_ids: Sequence[str]) -> Mapping[str, ImagePlace]:
        return {one: ImagePlace("1.2.1", "1.2.2", f"1.2.3.{int(one[-12:], 16)}") for one in image_ids}


def project_of(hospital: Hospital, schema: str, films: int = 2) -> str:
    hospital.admit(*(film(number) for number in range(1, films + 1)))
    new = NewProject("masks", "", schema, 1, 1)
    project_id = make_project(hospital.ward, new, hospital.act(), project_id=new_id()).project_id
    add_cases(hospital.ward, project_id, ["DX"], hospital.act())
    return project_id


def parts(hospital: Hospital) -> ImportParts:
    return ImportParts(hospital.ward, WardProjectImages(hospital.engine), Places(), PlainLabelFiles(), NAMES)


def images_of(hospital: Hospital, case_id: str) -> dict[str, ExportedImage]:
    places = Places().places(WardProjectImages(hospital.engine).image_ids(case_id))
    return {
        image_id: ExportedImage("x.dcm", NAMES.uid("s"), NAMES.uid("e"), NAMES.uid(one.instance_uid), SIDE, SIDE, 1)
        for image_id, one in places.items()
    }


def labels_of(
    hospital: Hospital, project_id: str, say: Callable[[ExportedImage], tuple[ExportedAnswer, ...]]
) -> ProjectLabels:
    """Two readers of every case say this; the second of them says that there is nothing."""
    with hospital.ward.reading() as work:
        project, case_ids = work.projects.by_id(project_id), sorted(work.project_cases.case_ids(project_id))
    schema = schema_of(project.schema_code, project.schema_version)
    cases = []
    for case_id in case_ids:
        images = tuple(images_of(hospital, case_id).values())
        said = say(images[0])
        absent = tuple(_nothing(one.question) for one in said)
        readings = (ExportedReading("R-A", said), ExportedReading("R-B", absent))
        cases.append(CaseLabels(NAMES.case(case_id), images, (), readings))
    return ProjectLabels(schema, tuple(sorted(cases, key=lambda one: one.case)))


def _nothing(question: str) -> ExportedAnswer:
    if question == "abnormal":
        return ExportedAnswer(question, ("absent",))
    return ExportedAnswer(question, abstention=Abstention.ABSENT)


def painted(image: ExportedImage) -> tuple[ExportedAnswer, ...]:
    shapes = (
        Mask(shape=ShapeKind.MASK, rows=SIDE, columns=SIDE, runs=(5, 2, 2, 2, 5)),
        Mask(shape=ShapeKind.MASK, rows=SIDE, columns=SIDE, runs=(0, 1, 15)),
    )
    marks = tuple(
        ExportedMark(f"m{at}", f"t{at}", NAMES.uid(f"thing {at}"), image.instance_uid, 1, None, shape)
        for at, shape in enumerate(shapes, start=1)
    )
    return (ExportedAnswer("masks", marks=marks),)


def boxed(image: ExportedImage) -> tuple[ExportedAnswer, ...]:
    box = Box(shape=ShapeKind.BOX, upper_left=(0.5, 1.0), lower_right=(3.25, 3.5))
    mark = ExportedMark("m1", "t1", NAMES.uid("thing"), image.instance_uid, 1, None, box)
    return (ExportedAnswer("boxes", marks=(mark,)),)


def abnormal(_: ExportedImage) -> tuple[ExportedAnswer, ...]:
    return (ExportedAnswer("abnormal", ("present",), confidence=0.75),)


def files_of(labels: ProjectLabels, kind: str) -> list[IncomingFile]:
    """The files of one format, as an export writes them."""
    unequal: set[str] = set()
    if kind.endswith((".csv", ".json")):
        return [IncomingFile(*one) for one in project_files(labels, unequal, with_readings=True) if one[0] == kind]
    found = []
    for case in labels.cases:
        headers = {one.instance_uid: header(one) for one in case.images}
        for name, contents in case_files(Sources(labels.schema, case, headers, NAMES.uid, "0.2.0"), unequal):
            if f"/{kind}-" in name or (kind == "nii" and "/masks-" in name):
                found.append(IncomingFile(name, contents))
    assert not unequal
    return found


def said_again(hospital: Hospital, project_id: str, source: str) -> dict[str, tuple[ExportedReading, ...]]:
    with hospital.ward.reading() as work:
        kept = work.outside.of_source(project_id, source)
    found: dict[str, list[ExportedReading]] = {}
    for one in kept:
        reading = came_in(one, images_of(hospital, one.case_id), NAMES)
        assert reading.author == f"{source}.{one.author}"
        found.setdefault(NAMES.case(one.case_id), []).append(replace(reading, author=one.author))
    return {case: tuple(readings) for case, readings in found.items()}


def as_of(
    hospital: Hospital, project_id: str, source: str, said: Mapping[str, tuple[ExportedReading, ...]]
) -> dict[str, tuple[ExportedReading, ...]]:
    """The same readings, each thing under the UID that the project has for it as the source's."""
    with hospital.ward.reading() as work:
        case_ids = {NAMES.case(one): one for one in work.project_cases.case_ids(project_id)}

    def renamed(case: str, reading: ExportedReading) -> ExportedReading:
        about = f"outside/{source}/{reading.author}/{case_ids[case]}"
        answers = tuple(
            replace(
                one,
                marks=tuple(replace(mark, tracking_uid=NAMES.uid(f"{about}/{mark.thing}")) for mark in one.marks),
                tracking_uid=None if one.thing is None else NAMES.uid(f"{about}/{one.thing}"),
            )
            for one in reading.answers
        )
        return replace(reading, answers=answers)

    return {case: tuple(renamed(case, one) for one in readings) for case, readings in said.items()}


def held(labels: ProjectLabels, kind: str) -> dict[str, tuple[ExportedReading, ...]]:
    """What the format says that it holds."""
    says: Callable[[ExportedReading], ExportedReading | None] = {
        "readings.csv": lambda one: one,
        "coco.json": coco.says,
        "fhir.json": fhir.says,
        "sr": reports.says,
    }.get(kind, lambda one: segments.says(one, labels.schema))
    found = {one.case: tuple(said for said in map(says, one.readings) if said is not None) for one in labels.cases}
    return {case: readings for case, readings in found.items() if readings}


SCHEMAS: Mapping[str, Callable[[ExportedImage], tuple[ExportedAnswer, ...]]] = {
    "generic-mask": painted,
    "generic-box": boxed,
    "chest-film-abnormal": abnormal,
}
