"""Multiparts whose framing lies, by the hundred: no crash, no stall, nothing stored but files that were sent.

A failure names its seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from fakes.broken_multiparts import BOUNDARY, Framing, broken, cut
from fakes.dicomweb_door import WEB, Door
from fakes.instances import dataset, dicom_file
from waiting import patient

from node.edges.dicomweb.multipart import Part, PartReader
from node.edges.dicomweb.parts import STORING_AT_ONCE
from node.edges.dicomweb.refusals import MultipartBroken
from node.storage.intake_overview import IntakeOverview

SEED = 20_261_123
GROUPS, OF_A_GROUP = 8, 45
OF_THE_READER = 1500
REFUSED = frozenset({400, 409, 413, 415})
STORED = frozenset({200, 202})
FILES = [dicom_file(dataset(f"1.2.3.{number}", study="1.9")) for number in range(1, 4)]
SENT = {f"1.2.3.{number}" for number in range(1, 4)}


class Line:
    """One request as a server would hand it to the application, and what came back."""

    def __init__(self, door: Door, content_type: str, pieces: Sequence[bytes], *, hangs_up: bool = False) -> None:
        browser = door.browser
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        headers = {**browser.headers, "content-type": content_type, "cookie": cookie, "host": "node.test"}
        self.scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": f"{WEB}/studies",
            "raw_path": f"{WEB}/studies".encode(), "root_path": "", "query_string": b"", "client": ("127.0.0.1", 1),
            "server": ("node.test", 80), "state": {},
            "headers": [(name.lower().encode(), value.encode("utf-8")) for name, value in headers.items()],
        }  # fmt: skip
        self._coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        self._coming.append({"type": "http.disconnect"} if hangs_up else {"type": "http.request", "body": b""})
        self.status, self.body = 0, b""

    async def receive(self) -> MutableMapping[str, Any]:
        return self._coming.pop(0) if self._coming else {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    def go(self, door: Door) -> None:
        async def through() -> None:
            with anyio.fail_after(patient(60)):
                await door.hospital.app(self.scope, self.receive, self.send)

        anyio.run(through)


def beside(door: Door, folder: Path) -> set[Path]:
    """Every path of the test's folder that is not of the store."""
    home = door.house.ground.home.path
    return {path for path in folder.rglob("*") if home not in path.parents and path != home}


def free_slots(door: Door) -> int:
    slots, count = door.house.parts.slots, 0
    while slots.acquire(blocking=False):
        count += 1
    for _ in range(count):
        slots.release()
    return count


def named(said: dict[str, Any]) -> set[str]:
    return {item["00081155"]["Value"][0] for item in said.get("00081199", {}).get("Value", [])}


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_framing_breaks_storing(door: Door, tmp_path: Path, group: int, capsys: pytest.CaptureFixture[str]) -> None:
    around, seen = beside(door, tmp_path), set()
    for number in range(OF_A_GROUP):
        seed = SEED + group * OF_A_GROUP + number
        chance = random.Random(seed)
        content_type, body = broken(FILES[: chance.randint(1, 3)], chance)
        hangs_up = chance.random() < 0.1
        line = Line(door, content_type, cut(body, chance), hangs_up=hangs_up)
        line.go(door)
        assert line.status in REFUSED | STORED, (seed, line.status)
        if line.status in STORED | {409}:
            assert named(json.loads(line.body)) <= SENT, seed
        assert free_slots(door) == STORING_AT_ONCE, seed
        seen.add(line.status)
    assert "request.failed" not in "".join(capsys.readouterr())
    counts = IntakeOverview(door.house.ground.engine).counts()
    assert counts.received - counts.quarantined <= len(FILES), "beside the first of a UID stands a conflict alone"
    assert beside(door, tmp_path) == around
    assert len(seen & (REFUSED | STORED)) > 2, "the mutations are all alike"
    true = Framing([dicom_file(dataset("1.2.4"))])
    whole = Line(door, true.content_type, [true.body()])
    whole.go(door)
    assert (whole.status, named(json.loads(whole.body))) == (200, {"1.2.4"})


def read(pieces: Sequence[bytes]) -> tuple[list[Part], bool, bool]:
    """The parts of a body in pieces, whether it was refused, and whether it ended; never more held than it may."""
    reader, parts = PartReader(BOUNDARY, 1 << 20), list[Part]()
    try:
        for piece in pieces:
            parts += reader.feed(piece)
            assert len(reader._held) <= (1 << 20) + len(piece) + 40_000
    except MultipartBroken:
        return parts, True, False
    return parts, False, reader.done


def test_a_lying_body_says_the_same_however_it_is_cut() -> None:
    for number in range(OF_THE_READER):
        chance = random.Random(SEED + number)
        _, body = broken(FILES[: chance.randint(1, 3)], chance)
        assert read(cut(body, chance)) == read([body]), SEED + number
