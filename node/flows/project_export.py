"""The images of a project, and what its readers said, go out under the project's own names.

In order: the export is in the audit trail before its first file; who is excluded is asked anew for every case; each
clean file is renamed on its way; the list of images comes last, so that a folder without it is a broken-off export.
Nothing in the folder is a name of the node: neither its patients' pseudonyms nor its UIDs, cases, images or people.

The files are for people of the hospital, like what DICOMweb gives them: nothing here crosses the wall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from node.deidentify.errors import UnreadableImage
from node.deidentify.project_key import ProjectNames
from node.deidentify.project_names import ProjectImage, renamed
from node.flows.act import Act
from node.flows.fuse_shapes import fuse_due_shapes
from node.flows.label_export import labels_of
from node.flows.label_files import File, case_files, project_files
from node.flows.ward import Ward
from node.ground.logs import log
from node.ground.told import Told
from node.intake.errors import CleanMissing
from node.labeling.errors import ProjectUnknown
from node.labeling.formats.dicom_objects import Sources, header_of
from node.labeling.formats.exported import ExportedImage, ProjectLabels
from node.labeling.formats.tables import table

EXPORTED: Final = "project.exported"
READINGS_EXPORTED: Final = "project.readings-exported"
IMAGES_FILE: Final = "images.csv"
_IMAGE_COLUMNS: Final = ("file", "case", "patient", "study_uid", "series_uid", "instance_uid")


class ExportFolderUnusable(Told):
    """The folder holds something already, or the system does not let this user write there."""

    text_key = "terminal.export_folder_unusable"


class NoSuchProject(Told):
    """No project of this node has the identifier."""

    text_key = "terminal.no_such_project"


class ProjectImages(Protocol):
    """Which cases a project has, and which images a case has."""

    def case_ids(self, project_id: str) -> Sequence[str]:
        """The cases of the project, always in the same order."""
        ...

    def image_ids(self, case_id: str) -> Sequence[str]:
        """The case's images in their order; none while its patient is excluded."""
        ...


class CleanFiles(Protocol):
    """The bytes of clean images."""

    def read(self, image_id: str) -> bytes:
        """The whole clean file. Raises: CleanMissing."""
        ...


class ExportFolder(Protocol):
    """Where an export is written."""

    def write(self, name: str, contents: bytes) -> None:
        """The file stands under this name, for its owner alone. Raises: ExportFolderUnusable."""
        ...

    def read(self, name: str) -> bytes:
        """What was written under this name. Raises: ExportFolderUnusable."""
        ...


@dataclass(frozen=True, slots=True)
class ExportParts:
    """What exporting is made of; `names` are those of the one project, `version` is this program's."""

    ward: Ward
    images: ProjectImages
    files: CleanFiles
    folder: ExportFolder
    names: ProjectNames
    version: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds, and how many images could not be read."""

    cases: int
    images: int
    missing: int
    unequal: tuple[str, ...] = ()
    """Formats that were read back as something else than was said."""


def export_project(parts: ExportParts, project_id: str, act: Act, *, with_readings: bool = False) -> Exported:
    """The folder holds every image of the project that may be used, what was agreed about its cases, and by request
    what each reader said.

    Raises:
        NoSuchProject: no project has this identifier.
        ExportFolderUnusable: a file cannot be written.
    """
    _begin(parts.ward, project_id, act, READINGS_EXPORTED if with_readings else EXPORTED)
    patients: dict[str, str] = {}
    images: dict[str, dict[str, ExportedImage]] = {}
    missing = 0
    for case_id in parts.images.case_ids(project_id):
        of_case, gone = _case_images(parts, case_id, patients)
        missing += gone
        if of_case:
            images[case_id] = of_case
    fuse_due_shapes(parts.ward, act, project_id)
    labels = labels_of(parts.ward, project_id, parts.names, images, with_readings=with_readings)
    unequal: set[str] = set()
    for name, contents in _files(parts, labels, unequal, with_readings=with_readings):
        parts.folder.write(name, contents)
    rows = list(_image_rows(labels, patients))
    parts.folder.write(IMAGES_FILE, table(_IMAGE_COLUMNS, rows))
    return Exported(len(images), len(rows), missing, tuple(sorted(unequal)))


def _begin(ward: Ward, project_id: str, act: Act, action: str) -> None:
    with ward.writing() as work:
        try:
            work.projects.by_id(project_id)
        except ProjectUnknown:
            known = ", ".join(f"{one.title} = {one.project_id}" for one in work.projects.all())
            raise NoSuchProject(project=project_id, known=known or "-") from None
        work.audit.record(act.event(action, f"project:{project_id}"))


def _case_images(parts: ExportParts, case_id: str, patients: dict[str, str]) -> tuple[dict[str, ExportedImage], int]:
    """The images of a case whose files are in the folder now, and how many could not be read."""
    given = parts.images.image_ids(case_id)
    with parts.ward.reading() as work:
        shown = {one.image_id: one for one in work.sheets.images_of(case_id)}
    case, found = parts.names.case(case_id), dict[str, ExportedImage]()
    for place, image_id in enumerate(given, start=1):
        file = f"{case}/{place:05d}.dcm"
        image = _written(parts, file, image_id)
        if image is not None:
            size = shown[image_id]
            uids = (image.study_uid, image.series_uid, image.instance_uid)
            found[image_id] = ExportedImage(file, *uids, size.rows, size.columns, size.frames)
            patients[file] = image.patient
    return found, len(given) - len(found)


def _written(parts: ExportParts, file: str, image_id: str) -> ProjectImage | None:
    """The image whose file is in the folder now; none for one that is gone or cannot be read."""
    try:
        image = renamed(parts.files.read(image_id), parts.names)
    except (CleanMissing, UnreadableImage) as error:
        log().warning("image not exported", error_type=type(error).__name__)
        return None
    parts.folder.write(file, image.contents)
    return image


def _files(parts: ExportParts, labels: ProjectLabels, unequal: set[str], *, with_readings: bool) -> Iterator[File]:
    """The files about all cases, and those about every case of which something is said."""
    yield from project_files(labels, unequal, with_readings=with_readings)
    for case in labels.cases:
        if case.votes or case.readings:
            headers = {one.instance_uid: header_of(parts.folder.read(one.file)) for one in case.images}
            yield from case_files(Sources(labels.schema, case, headers, parts.names.uid, parts.version), unequal)


def _image_rows(labels: ProjectLabels, patients: dict[str, str]) -> Iterator[Sequence[object]]:
    for case in labels.cases:
        for image in case.images:
            uids = (image.study_uid, image.series_uid, image.instance_uid)
            yield image.file, case.case, patients[image.file], *uids
