"""A running node that holds one clean image, sent to it by C-STORE."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.node_process import PEER, NodeProcess, Signed
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset, dicom_file
from pydicom import dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE


@contextmanager
def node_with_one_image(home: Path, name: str, *, patient_id: str, study: str) -> Iterator[NodeProcess]:
    """The node of this name, once its image of the patient's study is clean; it ends with the block."""
    node = NodeProcess(home, name)
    node.start()
    try:
        _send(node.dicom_port, patient_id, study)
        with Signed(node.address, node.add_person("전산 담당", "it")) as it:
            node.wait(lambda: it.json("GET", "/api/intake")["clean"] == 1, "cleaning")
        yield node
    finally:
        node.stop()


def _send(port: int, patient_id: str, study: str) -> None:
    entity = AE(PEER)
    entity.add_requested_context(COMPUTED_RADIOGRAPHY, ExplicitVRLittleEndian)
    line = entity.associate("127.0.0.1", port, ae_title="INTRAMUROS")
    image = dataset(f"{study}.1.1", patient_id=patient_id, study=study)
    status = line.send_c_store(dcmread(DicomBytesIO(dicom_file(image)))).Status
    line.release()
    assert status == 0
