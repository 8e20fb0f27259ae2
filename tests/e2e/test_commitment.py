"""Storage commitment of a running node, asked by Orthanc, which is called back, and by a modality that is not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.node_process import PEER, NodeProcess, Signed
from e2e.orthanc_process import TITLE, Orthanc, orthanc_with
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset, dicom_file
from pydicom import Dataset
from pynetdicom import AE, build_context, evt

from deploy.demo.processes import free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
MODEL, INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"


@pytest.fixture(scope="module")
def orthanc_port() -> int:
    (port,) = free_ports(1)
    return port


@pytest.fixture(scope="module")
def node(orthanc_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("commitment") / "home", "Archive hospital", "--language", "en")
    text = (node.home / "node.toml").read_text(encoding="utf-8")
    assert text.count("without_end = false") == 1
    text = text.replace("without_end = false", "without_end = true")
    text += f'\n[[dicom.peers]]\nae_title = "{TITLE}"\narchive = true\nreport_port = {orthanc_port}\n'
    text += '\n[[dicom.peers]]\nae_title = "ONELINE"\narchive = true\n'
    (node.home / "node.toml").write_text(text, encoding="utf-8")
    node.start()
    node.add_person("steward", "steward")
    try:
        yield node
    finally:
        node.stop()


@pytest.fixture(scope="module")
def orthanc(node: NodeProcess, orthanc_port: int) -> Iterator[Orthanc]:
    known = {"AET": "INTRAMUROS", "Host": "127.0.0.1", "Port": node.dicom_port}
    with orthanc_with(known, dicom_port=orthanc_port) as running:
        films = [running.keep(dicom_file(dataset(uid, study="1.2.9"))) for uid in ("1.2.1", "1.2.2")]
        running.json("POST", "/modalities/node/store", {"Resources": films, "Synchronous": True})
        yield running


def asked(orthanc: Orthanc, node: NodeProcess, *uids: str) -> dict[str, Any]:
    """What Orthanc heard in the end."""
    wanted = [{"SOPClassUID": COMPUTED_RADIOGRAPHY, "SOPInstanceUID": uid} for uid in uids]
    request = orthanc.json("POST", "/modalities/node/storage-commitment", {"DicomInstances": wanted})
    told: dict[str, Any] = {}

    def heard() -> bool:
        told.update(orthanc.json("GET", request["Path"]))
        return bool(told["Status"] != "Pending")

    node.wait(heard, "the report")
    return told


def latest(node: NodeProcess) -> dict[str, Any]:
    with Signed(node.address, node.login_code("steward")) as steward:
        found: dict[str, Any] = steward.json("GET", "/api/commitments")["commitments"][0]
        return found


def test_orthanc_hears_on_a_new_association_what_it_may_rely_on(node: NodeProcess, orthanc: Orthanc) -> None:
    told = asked(orthanc, node, "1.2.1", "1.2.2")
    assert (told["Status"], len(told["Success"]), told["Failures"]) == ("Success", 2, [])
    # Orthanc has the report before the node has Orthanc's answer to it.
    node.wait(lambda: latest(node)["state"] == "reported", "the answer to the report")
    assert latest(node) | {"at": ""} == {
        "peer": TITLE, "state": "reported", "reason": None, "instances": 2, "failed": 0, "at": "",
    }  # fmt: skip


def test_orthanc_hears_why_not_of_what_is_not_here(node: NodeProcess, orthanc: Orthanc) -> None:
    told = asked(orthanc, node, "1.2.1", "1.2.77")
    assert (told["Status"], len(told["Success"])) == ("Failure", 1)
    (failure,) = told["Failures"]
    assert failure["SOPInstanceUID"] == "1.2.77"
    assert 0x0112 in failure.values()


def test_a_modality_that_holds_its_line_hears_on_it_and_another_is_refused_with_the_reason_on_the_page(
    node: NodeProcess, orthanc: Orthanc
) -> None:
    request = Dataset()
    request.TransactionUID, item = "1.2.3.4", Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = COMPUTED_RADIOGRAPHY, "1.2.1"
    request.ReferencedSOPSequence = [item]
    reports, heard = [], threading.Event()

    def hear(event: evt.Event) -> tuple[int, None]:
        reports.append((event.event_type, event.event_information.TransactionUID))
        heard.set()
        return 0, None

    statuses = []
    for title in ("ONELINE", PEER):
        line = AE(title).associate(
            "127.0.0.1", node.dicom_port, [build_context(MODEL)], ae_title="INTRAMUROS",
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, hear)],
        )  # fmt: skip
        status, _ = line.send_n_action(request, 1, MODEL, INSTANCE)
        statuses.append(status.Status)
        if title != PEER:
            assert heard.wait(60)
            # A line let go while its answer is still being written is a fault of the caller, not of the node.
            node.wait(lambda: latest(node)["state"] == "reported", "the answer to the report")
        line.release()
    assert (statuses, reports) == ([0x0000, 0x0124], [(1, "1.2.3.4")])
    node.wait(lambda: latest(node)["state"] == "refused", "the refusal on the page")
    assert "archive = true" in latest(node)["reason"]["en"]
