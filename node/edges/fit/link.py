"""One running fit child and the two pipes to it.

Rules: the child is the leader of its own process group and is ended with the group; it gets only the environment named
here; every exchange has a deadline. A link that failed once is of no use any more and has ended its child.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import node
from node.edges.fit import messages
from node.edges.fit.frames import Frame, FrameDamaged, packed, read_frame
from node.edges.fit.pipes import PipeLate, monotonic_deadline, read_until, write_until
from node.training.ports import FitCode, FitDeadlineExceeded, FitFailed

_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR")


class ChildLink:
    """A started child; its first frame is still to be read."""

    def __init__(self, arguments: Sequence[str]) -> None:
        """Start `python -m node.edges.fit.child` with these arguments."""
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "node.edges.fit.child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
            start_new_session=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise FitFailed(FitCode.ENDED)
        self._requests, self._answers = self._process.stdin, self._process.stdout
        for pipe in (self._requests, self._answers):
            os.set_blocking(pipe.fileno(), False)

    @property
    def process_id(self) -> int:
        """The child's process id, which is also its group's."""
        return self._process.pid

    def exchange(self, asked: Frame | None, *, seconds: float) -> tuple[messages.Answer, bytes]:
        """The child's next answer and its blob, after `asked` was sent, where there is one.

        Raises:
            FitDeadlineExceeded: the deadline passed; the child was ended.
            FitFailed: the child ended by itself, or spoke otherwise than in answers; it was ended.
        """
        deadline = monotonic_deadline(seconds)
        try:
            if asked is not None:
                write_until(self._requests.fileno(), packed(asked), deadline)
            frame = read_frame(partial(read_until, self._answers.fileno(), deadline=deadline))
            if frame is not None:
                return messages.answer_in(frame.header), frame.blob
        except PipeLate:
            self.end()
            raise FitDeadlineExceeded(seconds) from None
        except (OSError, FrameDamaged):
            self.end()
            raise FitFailed(FitCode.ENDED) from None
        self.end()
        raise FitFailed(FitCode.ENDED)

    def end(self) -> None:
        """The child and its process group have ended."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def release(self) -> None:
        """The pipes are closed; only for a link that nobody waits on."""
        self._requests.close()
        self._answers.close()


def _environment() -> dict[str, str]:
    """The environment of a child: no secret of the wall, our own modules, one place to find them."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    home = str(Path(node.__file__).resolve().parent.parent)
    return kept | {"PYTHONPATH": home, "PYTHONDONTWRITEBYTECODE": "1"}
