"""A hospital's modality: sends files by C-STORE in their own transfer syntax, a canary planted in each on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import build_context

from deploy.demo.canary import Canary
from deploy.demo.processes import StepFailed

_CONTEXT_LIMIT = 120


CALLING = "DEMOMODALITY"
_ANSWER_SECONDS = 30
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Destination:
    """A node's DICOM port on this machine, and who calls it."""

    port: int
    ae_title: str
    calling: str = CALLING


def send(
    files: Sequence[Path], canaries: Iterable[Canary], to: Destination, on_sent: Callable[[int], object] = int
) -> None:
    """Every file was sent and acknowledged with success.

    Raises:
        StepFailed: the node refused the association or an instance.
    """
    line = _Line(_entity(files, to), to)
    try:
        for number, (file, canary) in enumerate(zip(files, canaries, strict=True), start=1):
            _stored(line, planted(file, canary), number)
            on_sent(number)
    finally:
        line.release()


class _Line:
    """An association that can be opened anew."""

    def __init__(self, entity: AE, to: Destination) -> None:
        self._entity, self._to = entity, to
        self._association = self._opened()

    def store(self, dataset: Dataset) -> int | None:
        """The status of the answer; None when none was heard, and then the line was opened anew."""
        status = self._association.send_c_store(dataset)
        if status:
            return int(status.Status)
        self._association.abort()
        self._association = self._opened()
        return None

    def release(self) -> None:
        """The association has ended."""
        self._association.release()

    def _opened(self) -> Association:
        association = self._entity.associate("127.0.0.1", self._to.port, ae_title=self._to.ae_title)
        if not association.is_established:
            raise StepFailed(f"the node on DICOM port {self._to.port} refused the association")
        return association


def _entity(files: Sequence[Path], to: Destination) -> AE:
    entity = AE(ae_title=to.calling)
    entity.dimse_timeout = _ANSWER_SECONDS
    entity.requested_contexts = [build_context(*pair) for pair in _contexts(files)]
    return entity


def _stored(line: _Line, dataset: Dataset, number: int) -> None:
    """The image was answered with success. An answer that was not heard is asked for again, as a modality does.

    On a busy machine pynetdicom's own thread may take an answer that its sender waits for: it resumes a moment after
    the next question was asked (`Association._reactor_checkpoint`, release 3.0).
    """
    status = line.store(dataset)
    for _ in range(_TRIES - 1):
        if status is not None:
            break
        status = line.store(dataset)
    if status != 0:
        raise StepFailed(f"C-STORE number {number} was answered {'nothing' if status is None else status}")


def planted(file: Path, canary: Canary) -> Dataset:
    """The file's data set with the canary in a name, comments, a description, a private tag and a nested item."""
    dataset = pydicom.dcmread(file)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientComments = f"{canary.latin} {canary.korean}"
    dataset.StudyDescription = canary.latin
    dataset.InstitutionName = canary.korean
    dataset.AdditionalPatientHistory = canary.latin
    nested = Dataset()
    nested.PatientID = canary.latin
    dataset.OtherPatientIDsSequence = [nested]
    dataset.private_block(0x0099, "INTRAMUROS DEMO", create=True).add_new(0x01, "LO", canary.latin)
    return dataset


def _contexts(files: Sequence[Path]) -> list[tuple[str, str]]:
    pairs = set()
    for file in files:
        meta = pydicom.filereader.read_file_meta_info(file)
        pairs.add((str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)))
    if len(pairs) > _CONTEXT_LIMIT:
        raise StepFailed("more kinds of object than one association can carry")
    return sorted(pairs)
