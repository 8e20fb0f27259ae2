"""One sandbox process as its parent holds it: started when needed, ended when late, dead or spent."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from node.deidentify.errors import SandboxRefused, SandboxTimedOut, SandboxUnavailable
from node.deidentify.verdict import QuarantineReason
from node.edges.sandbox import wire
from node.edges.sandbox.walls import SandboxLimits
from node.edges.sandbox.wire import Answer, Request

START_SECONDS: Final = 300.0
"""A child loads for a second or two; on a machine that starts everything at once it may wait long for its turn."""
_PIPE_BYTES: Final = 2**20
# Nothing of the parent's environment: no key, no path, no proxy. One thread, since threads are refused later.
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "/usr/bin:/bin",
}
_HOME_OF_THE_PACKAGES: Final = Path(__file__).resolve().parents[3]


class SandboxProcess:
    """Asks one child at a time; the next question starts a new child when the last one is gone."""

    def __init__(
        self, limits: SandboxLimits, *, marks: frozenset[str] | None = None, command: Sequence[str] | None = None
    ) -> None:
        """With `marks` its children search pictures for text and leave these marks; without, they clean headers."""
        self._limits = limits
        self._command = tuple(command or _command(limits, marks))
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = 0

    @property
    def process_id(self) -> int | None:
        """The child's process id while there is one."""
        return None if self._child is None else self._child.pid

    def ask(self, request: Request, raw: bytes) -> tuple[Answer, bytes]:
        """What the child answers.

        Raises:
            SandboxTimedOut: no answer within the deadline; the child is ended.
            SandboxRefused: the image ended the child.
            SandboxUnavailable: no child could be started.
        """
        if self._asked >= self._limits.requests_per_process:
            self.end()
        child = self._child or self._started()
        self._asked += 1
        try:
            answer = _exchange(child, wire.packed(request, raw), time.monotonic() + self._limits.wall_seconds)
        except BaseException:  # whatever happened, the pipes are out of step: this child is done
            self.end()
            raise
        said = answer[0].said
        if isinstance(said, wire.Refusal) and said.reason is QuarantineReason.TOO_COSTLY:
            self.end()
        return answer

    def end(self) -> None:
        """The child is gone and its pipes are closed."""
        child, self._child, self._asked = self._child, None, 0
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                cwd=_HOME_OF_THE_PACKAGES,
                env=_ENVIRONMENT,
            )
        except OSError as fault:
            raise SandboxUnavailable(f"no sandbox process: {fault.strerror}") from None
        self._child = child
        try:
            _prepared(child)
            answer, _ = _received(child, time.monotonic() + START_SECONDS)
        except SandboxRefused:
            self.end()
            raise SandboxUnavailable("the sandbox process ended before it was ready") from None
        if not isinstance(answer.said, wire.Ready):
            self.end()
            raise SandboxUnavailable("the sandbox process did not say that it is ready")
        return child


def _command(limits: SandboxLimits, marks: frozenset[str] | None) -> list[str]:
    bounds = [f"--address-space-bytes={limits.address_space_bytes}", f"--processor-seconds={limits.processor_seconds}"]
    searching = [] if marks is None else [f"--permitted-marks={','.join(sorted(marks))}"]
    return [sys.executable, "-s", "-m", "node.edges.sandbox", *bounds, *searching]


def _descriptors(child: subprocess.Popen[bytes]) -> tuple[int, int]:
    if child.stdin is None or child.stdout is None:
        raise SandboxUnavailable("the sandbox process has no pipes")
    return child.stdin.fileno(), child.stdout.fileno()


def _prepared(child: subprocess.Popen[bytes]) -> None:
    for descriptor in _descriptors(child):
        os.set_blocking(descriptor, False)
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except PermissionError:
            continue  # the user's pipe quota is used up: smaller pipes are slower and serve as well


def _exchange(child: subprocess.Popen[bytes], question: tuple[bytes, bytes], until: float) -> tuple[Answer, bytes]:
    descriptor, _ = _descriptors(child)
    for piece in question:
        left = memoryview(piece)
        while left:
            _wait(descriptor, select.POLLOUT, until)
            try:
                left = left[os.write(descriptor, left) :]
            except BrokenPipeError:
                raise SandboxRefused(QuarantineReason.TOO_COSTLY) from None
    return _received(child, until)


def _received(child: subprocess.Popen[bytes], until: float) -> tuple[Answer, bytes]:
    header_bytes, blob_bytes = wire.LENGTHS.unpack(_read(child, wire.LENGTHS.size, until))
    if header_bytes > wire.MOST_HEADER_BYTES or blob_bytes > wire.MOST_BLOB_BYTES:
        raise SandboxRefused(QuarantineReason.MALFORMED)
    header, blob = _read(child, header_bytes, until), _read(child, blob_bytes, until)
    try:
        return Answer.model_validate_json(header), blob
    except ValidationError:
        raise SandboxRefused(QuarantineReason.MALFORMED) from None


def _read(child: subprocess.Popen[bytes], length: int, until: float) -> bytes:
    _, descriptor = _descriptors(child)
    pieces: list[bytes] = []
    while length:
        _wait(descriptor, select.POLLIN, until)
        piece = os.read(descriptor, min(length, _PIPE_BYTES))
        if not piece:
            raise SandboxRefused(QuarantineReason.TOO_COSTLY)  # of its bounds, or of what the bytes did to a codec
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _wait(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000.0):
        raise SandboxTimedOut(QuarantineReason.TOO_COSTLY)
