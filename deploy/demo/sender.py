"""A hospital's modality: sends files by C-STORE in their own transfer syntax, a canary planted in each on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pynetdicom import AE
from pynetdicom.presentation import build_context

from deploy.demo.canary import Canary
from deploy.demo.processes import StepFailed

_CONTEXT_LIMIT = 120


CALLING = "DEMOMODALITY"
_ANSWER_SECONDS = 120


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
    entity = AE(ae_title=to.calling)
    entity.dimse_timeout = _ANSWER_SECONDS
    entity.requested_contexts = [build_context(*pair) for pair in _contexts(files)]
    association = entity.associate("127.0.0.1", to.port, ae_title=to.ae_title)
    if not association.is_established:
        raise StepFailed(f"the node on DICOM port {to.port} refused the association")
    try:
        for number, (file, canary) in enumerate(zip(files, canaries, strict=True), start=1):
            status = association.send_c_store(planted(file, canary))
            if not status or status.Status != 0:
                raise StepFailed(f"C-STORE number {number} was answered {status.get('Status', 'nothing')}")
            on_sent(number)
    finally:
        association.release()


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
