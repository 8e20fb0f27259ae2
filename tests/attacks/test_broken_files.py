"""Broken files by C-STORE to a running node: no crash, no stall, no file outside the store, memory bounded.

The full form sends ten thousand, the short one a hundred and fifty. A failure names the seed it can be repeated with.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attacks.broken_files import broken, sources
from attacks.standing import check_standing, children, settled
from e2e.node_process import PEER, NodeProcess, Signed
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset, dicom_file
from pydicom.filereader import read_file_meta_info
from pynetdicom import AE, _config
from pynetdicom.association import Association
from pynetdicom.presentation import build_context

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(7200)]
FILES_SHORT, FILES_FULL = 150, 10_000
SLOWEST_ANSWER_SECONDS = 30.0


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("broken") / "home")
    node.start()
    yield node
    node.stop()


@pytest.fixture
def whole_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender passes a file's bytes on without looking at them."""
    monkeypatch.setattr(_config, "STORE_SEND_CHUNKED_DATASET", True)


def line_to(node: NodeProcess) -> Association:
    """An association for every kind of object among the sources."""
    entity = AE(PEER)
    entity.dimse_timeout = entity.network_timeout = SLOWEST_ANSWER_SECONDS
    metas = [read_file_meta_info(path) for path in sources()]
    pairs = {(str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)) for meta in metas}
    pairs.add((COMPUTED_RADIOGRAPHY, "1.2.840.10008.1.2.1"))
    entity.requested_contexts = [build_context(*pair) for pair in sorted(pairs)]
    line = entity.associate("127.0.0.1", node.dicom_port, ae_title="INTRAMUROS")
    assert line.is_established
    return line


class Sender:
    """Sends files one by one and knows how long the slowest answer took.

    pynetdicom's own loop looks for a message once more after it was told to pause: now and then it takes the answer
    for a request and drops it. A file without an answer is therefore sent once more, over a new line.
    """

    def __init__(self, node: NodeProcess) -> None:
        self._node = node
        self.line = line_to(node)
        self.slowest, self.sent_again = 0.0, 0

    def status_of(self, path: Path, what: str) -> int:
        for _ in range(2):
            began = time.monotonic()
            answer = self.line.send_c_store(path)
            if "Status" in answer:
                self.slowest = max(self.slowest, time.monotonic() - began)
                return int(answer.Status)
            self.line.abort()
            self.line, self.sent_again = line_to(self._node), self.sent_again + 1
        raise AssertionError(f"no answer to {what}")


def test_ten_thousand_broken_files_neither_stop_nor_fill_nor_escape_the_node(
    node: NodeProcess, tmp_path: Path, short: bool, whole_files: None
) -> None:
    count, seed = FILES_SHORT if short else FILES_FULL, random.randrange(1 << 32)
    chance, originals = random.Random(seed), [path.read_bytes() for path in sources()]
    before, statuses, sender = children(node), dict[str, int](), Sender(node)
    for number in range(count):
        path = tmp_path / "next.dcm"
        path.write_bytes(broken(chance.choice(originals), chance))
        status = sender.status_of(path, f"file {number} of seed {seed}")
        statuses[f"{status:#06x}"] = statuses.get(f"{status:#06x}", 0) + 1
    sender.line.release()
    slowest = sender.slowest
    assert sender.sent_again <= 1 + count // 2000, f"{sender.sent_again} files needed a second sending (seed {seed})"
    settled(node, f"seed {seed}")
    peaks = check_standing(node, before, f"seed {seed}")
    assert slowest < SLOWEST_ANSWER_SECONDS
    print(f"{count} broken files (seed {seed}): answers {statuses}, slowest {slowest:.2f} s, peak KiB {peaks}")


def test_the_next_good_image_is_cleaned_and_nothing_of_a_patient_is_in_a_log(
    node: NodeProcess, tmp_path: Path, whole_files: None
) -> None:
    image = dataset("1.2.3.4.5.6.7", patient_id="CANARY-8841")
    path = tmp_path / "good.dcm"
    path.write_bytes(dicom_file(image))
    with Signed(node.address, node.add_person("전산 둘", "it")) as it:
        clean = it.json("GET", "/api/intake")["clean"]
        line = line_to(node)
        assert line.send_c_store(path).Status == 0
        line.release()
        node.wait(lambda: it.json("GET", "/api/intake")["clean"] == clean + 1, "the good image")
    logs = b"".join(log.read_bytes() for log in (node.home / "logs").rglob("*") if log.is_file())
    assert b"CANARY" not in logs
    assert b"Gildong" not in logs
