"""Broken files and lying multiparts by STOW-RS to a running node: a verdict on each, no crash, no stall, no escape.

The full form stores five thousand files, the short one a hundred and fifty. A failure names its seed.
"""

from __future__ import annotations

import random
import socket
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from attacks.broken_files import broken, sources
from attacks.standing import check_standing, children, settled
from e2e.node_process import NodeProcess
from fakes.instances import dataset, dicom_file

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(7200)]
FILES_SHORT, FILES_FULL = 150, 5_000
SLOWEST_ANSWER_SECONDS = 60.0
STUDIES = "/api/dicomweb/studies"
BOMB_BYTES = 300 * 2**20
DEFLATED = "1.2.840.10008.1.2.1.99"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("stored") / "home")
    node.start()
    yield node
    node.stop()


@dataclass
class Storing:
    """A script with a token that stores, and how long its slowest answer took."""

    client: httpx.Client
    slowest: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)

    def post(self, body: bytes, content_type: str, path: str = STUDIES) -> httpx.Response:
        began = time.monotonic()
        answer = self.client.post(path, content=body, headers={"Content-Type": content_type})
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        return answer

    def store(self, files: list[bytes], chance: random.Random, path: str = STUDIES) -> httpx.Response:
        boundary = f"B{chance.getrandbits(128):032x}"
        head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
        body = b"".join(head + file + b"\r\n" for file in files) + f"--{boundary}--\r\n".encode()
        return self.post(body, f'multipart/related; type="application/dicom"; boundary={boundary}', path)


@pytest.fixture(scope="module")
def script(node: NodeProcess) -> Iterator[Storing]:
    made = node.command("token", "add", "--name", "fuzz", "--role", "it")
    headers = {"Authorization": f"Bearer {made['token']}"}
    with httpx.Client(base_url=node.address, headers=headers, timeout=SLOWEST_ANSWER_SECONDS, trust_env=False) as line:
        yield Storing(line)


def verdicts(answer: httpx.Response) -> int:
    """How many files an answer has a verdict on."""
    assert answer.status_code in {200, 202, 409}, answer.text
    said = answer.json()
    return sum(len(said.get(key, {}).get("Value", [])) for key in ("00081198", "00081199", "0008119A"))


def bomb() -> bytes:
    """A file in the deflated syntax that is a thousand times longer inside."""
    image = dataset("1.2.3.99")
    plain = dicom_file(image).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1\0")
    head = plain[: 144 + int.from_bytes(plain[140:144], "little")]
    at = head.index(b"1.2.840.10008.1.2.1\0", head.index(b"\x02\x00\x10\x00UI")) - 2
    meta = head[:at] + len(DEFLATED).to_bytes(2, "little") + DEFLATED.encode() + head[at + 22 :]
    meta = meta[:140] + (len(meta) - 144).to_bytes(4, "little") + meta[144:]
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces = [squeezed.compress(plain[len(head) :] + b"\xe0\x7f\x10\x00OB\0\0" + BOMB_BYTES.to_bytes(4, "little"))]
    pieces += [squeezed.compress(bytes(2**20)) for _ in range(BOMB_BYTES // 2**20)]
    return meta + b"".join(pieces) + squeezed.flush()


def test_thousands_of_broken_files_get_a_verdict_each(node: NodeProcess, script: Storing, short: bool) -> None:
    count, seed = FILES_SHORT if short else FILES_FULL, random.randrange(1 << 32)
    chance, originals = random.Random(seed), [path.read_bytes() for path in sources()]
    before, sent = children(node), 0
    while sent < count:
        files = [broken(chance.choice(originals), chance) for _ in range(chance.randint(1, 12))]
        assert verdicts(script.store(files, chance)) == len(files), f"seed {seed}"
        sent += len(files)
    settled(node, f"seed {seed}")
    peaks = check_standing(node, before, f"seed {seed}")
    assert script.slowest < SLOWEST_ANSWER_SECONDS
    print(f"{sent} broken files (seed {seed}): {script.statuses}, slowest {script.slowest:.2f} s, peak KiB {peaks}")


def test_lying_multiparts_are_refused_and_what_was_whole_is_kept(node: NodeProcess, script: Storing) -> None:
    before, good = children(node), dicom_file(dataset("1.2.3.7"))
    part = b"--B\r\nContent-Type: application/dicom\r\n\r\n" + good + b"\r\n"
    kind = 'multipart/related; type="application/dicom"; boundary='
    for body, boundary in [
        (part, "B"), (part[:-900], "B"), (b"", "B"), (b"--B--\r\n", "B"), (part + b"--B--", "other"),
        (b"--B\r\n" + b"X: " + b"a" * 200_000 + b"\r\n\r\n" + good + b"\r\n--B--", "B"),
        (b"--Bxyz\r\n" + part, "B"), (b"\0" * 3_000_000, "B"), (part + b"--B--", "B" * 400), (part + b"--B--", ""),
        (b"--B\r\n" * 50_000, "B"),
    ]:  # fmt: skip
        assert script.post(body, kind + boundary).status_code in {400, 409, 415}
    tiny = b"--B\r\n\r\nx\r\n" * 10_050 + b"--B--"
    assert script.post(tiny, kind + "B").status_code == 413
    assert verdicts(script.post(part + b"--B--", kind + "B")) == 1
    settled(node, "multiparts")
    check_standing(node, before, "multiparts")


def test_a_bomb_and_a_path_in_a_uid_stay_in_their_box(node: NodeProcess, script: Storing) -> None:
    before, chance = children(node), random.Random(7)
    path = dicom_file(dataset("1.2.3.44.55.66.77")).replace(b"1.2.3.44.55.66.77", b"../../../../x/y/z")
    answer = script.store([bomb(), path, dicom_file(dataset("1.2.3.8"))], chance)
    assert verdicts(answer) == 3
    assert b"../" not in answer.content
    for address in (f"{STUDIES}/..%2f..%2fx", f"{STUDIES}/../../etc", f"{STUDIES}/1.2/../../x"):
        assert script.store([dicom_file(dataset("1.2.3.8"))], chance, address).status_code in {404, 405}
    settled(node, "bomb")
    check_standing(node, before, "bomb")
    assert script.slowest < SLOWEST_ANSWER_SECONDS


def test_senders_who_hang_up_leave_room_for_the_next(node: NodeProcess, script: Storing) -> None:
    head = (
        f"POST {STUDIES} HTTP/1.1\r\nHost: x\r\nAuthorization: {script.client.headers['authorization']}\r\n"
        'Content-Type: multipart/related; type="application/dicom"; boundary=B\r\nContent-Length: 900000000\r\n\r\n'
    ).encode()
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", node.web_port)) as line:
            line.sendall(head + b"--B\r\nContent-Type: application/dicom\r\n\r\n" + bytes(100_000))
    good = [dicom_file(dataset("1.2.3.9"))]
    node.wait(lambda: script.store(good, random.Random(9)).status_code == 200, "room for the next sender", 30)
