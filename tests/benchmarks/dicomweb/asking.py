"""One side as its benchmark asks it: a line that stays open, and three questions about one series.

The line is a bare socket: what a client library does with 500 KiB costs more than either server, and would be measured
with both.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.dicomweb.series import FRAME_BYTES, INSTANCES
from benchmarks.interleaved import LOOPBACK, Block

JSON: Final = {"Accept": "application/dicom+json"}
FRAME: Final = {
    "Accept": 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1',
}
_TIMEOUT_SECONDS: Final = 60
_MOST_BYTES: Final = 16 * 2**20
_LENGTH: Final = b"\r\ncontent-length:"


class Line:
    """An open line to a server; Nagle's algorithm is off on this end."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout=_TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = bytearray(_MOST_BYTES)

    def asked(self, request: bytes) -> tuple[bytes, memoryview]:
        """The head of the answer and its body, which the next question overwrites."""
        self._socket.sendall(request)
        view, count, start, end = memoryview(self._held), 0, 0, _MOST_BYTES
        while count < end:
            came = self._socket.recv_into(view[count:])
            assert came, "the server closed the line within an answer"
            count += came
            if not start and (found := self._held.find(b"\r\n\r\n", 0, count)) >= 0:
                head = bytes(self._held[:found]).lower()
                assert _LENGTH in head, head
                start = found + 4
                end = start + int(head.partition(_LENGTH)[2].partition(b"\r\n")[0])
        assert count == end, "more came than the answer"
        return bytes(self._held[: start - 4]), view[start:end]

    def close(self) -> None:
        """The line is closed."""
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Side:
    """A DICOMweb server: its port, the path it is under, and what every request to it carries."""

    port: int
    root: str
    headers: Mapping[str, str]

    def line(self) -> Line:
        """An open line."""
        return Line(self.port)

    def request(self, path: str, headers: Mapping[str, str]) -> bytes:
        """The bytes of a request."""
        lines = [f"GET {self.root}{path} HTTP/1.1", f"Host: {LOOPBACK}:{self.port}"]
        lines += [f"{name}: {value}" for name, value in {**self.headers, **headers}.items()]
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    def got(self, line: Line, path: str, headers: Mapping[str, str]) -> memoryview:
        """The body of an answer that must succeed."""
        head, body = line.asked(self.request(path, headers))
        assert head.split(b" ", 2)[1] == b"200", (path, head, bytes(body[:500]))
        return body

    def objects(self, line: Line, path: str) -> list[dict[str, Any]]:
        """The objects of a search or of metadata."""
        found: list[dict[str, Any]] = json.loads(bytes(self.got(line, path, JSON)))
        return found


class Series:
    """The one series of a side, found by asking."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._path, self._instances = "", [""]

    def find(self) -> bool:
        """Whether the side holds the whole series now."""
        with closing(self._side.line()) as line:
            series = self._side.objects(line, "/series")
            if not series:
                return False
            study, uid = (series[0][key]["Value"][0] for key in ("0020000D", "0020000E"))
            self._path = f"/studies/{study}/series/{uid}"
            found = self._side.objects(line, f"{self._path}/instances")
        self._instances = [f"{self._path}/instances/{one['00080018']['Value'][0]}" for one in found]
        return len(found) == INSTANCES

    def frames(self, count: int) -> Block:
        """So many raw frames, one after the other."""
        return self._timed(count, lambda number: f"{self._instances[number % INSTANCES]}/frames/1", FRAME, FRAME_BYTES)

    def searches(self, count: int) -> Block:
        """So many searches for all instances of the series."""
        return self._timed(count, lambda _: f"{self._path}/instances", JSON, INSTANCES * 100)

    def metadata(self, count: int) -> Block:
        """So many times the metadata of the series."""
        return self._timed(count, lambda _: f"{self._path}/metadata", JSON, INSTANCES * 1000)

    def _timed(self, count: int, path_of: Callable[[int], str], headers: Mapping[str, str], least_bytes: int) -> Block:
        def block() -> list[float]:
            seconds = []
            with closing(self._side.line()) as line:  # servers close a line on which nothing is asked for seconds
                for number in range(count):
                    began = time.perf_counter()
                    body = self._side.got(line, path_of(number), headers)
                    seconds.append(time.perf_counter() - began)
                    assert len(body) >= least_bytes, len(body)
            return seconds

        return block
