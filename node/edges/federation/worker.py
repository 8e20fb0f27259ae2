"""The pinned worker: answers Flower's tasks with installed code; a bundle is hashed, never opened.

Rules held here:
- a task is answered only if its bundle has the pinned digest and its message is one frame of an expected type;
- every refusal is a frame too, made by `refuse`, so that errors pass the same gate as updates;
- no text of an exception leaves this process, neither to Flower nor to the log;
- when even a refusal cannot be made, nothing is sent: Flower reports the worker as gone by itself.

Not done here: reading frames, approvals, the gate. Processes of the wall wire `answer` and `refuse` to those.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from node.edges.federation.flower_internals import (
    Incoming,
    LineDown,
    MessageRefused,
    RuntimeLine,
    TaskLost,
    require_pinned_flower,
)
from protocols.errors import RefusalCode

FRAME_BYTES_MAX = 128 * 1_048_576
_LOST_LINE_PAUSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the wall does with a frame. Both return the sealed frame to be sent, already in the ledger."""

    answer: Callable[[str, bytes], bytes]
    refuse: Callable[[RefusalCode], bytes]


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Where the node's own SuperNode listens on loopback, and the one bundle whose tasks are answered."""

    runtime_address: str
    secret_file: Path
    allowed_bundle_sha256: str
    poll_seconds: float = 0.2
    frame_bytes_max: int = FRAME_BYTES_MAX


class Task(Protocol):
    """One message waiting for its answer, as the SuperNode hands it out."""

    def kept_alive(self) -> AbstractContextManager[None]:
        """While open, the SuperNode hears that the task is being worked on."""
        ...

    def bundle_sha256(self) -> str:
        """The digest of the task's bundle; empty when the SuperNode dropped it as foreign."""
        ...

    def read(self, frame_bytes_max: int) -> Incoming:
        """The one frame of the message. Raises: MessageRefused when it is anything else."""
        ...

    def send(self, frame: bytes) -> None:
        """The frame is with the SuperNode as the reply, and the task is finished."""
        ...


def serve(settings: WorkerSettings, answers: Answers, *, stop: threading.Event) -> None:
    """Answers tasks until `stop` is set; a lost SuperNode is waited for.

    Raises:
        FlowerVersionRefused: another Flower than the pinned one is installed.
        LineRefused: the SuperNode does not accept the secret.
    """
    require_pinned_flower()
    line = RuntimeLine(settings.runtime_address, settings.secret_file.read_bytes())
    try:
        while not stop.is_set():
            try:
                task = line.claim()
            except LineDown:
                stop.wait(_LOST_LINE_PAUSE_SECONDS)
                continue
            if task is None:
                stop.wait(settings.poll_seconds)
                continue
            with task:
                answer_task(task, answers, settings)
    finally:
        line.close()


def answer_task(task: Task, answers: Answers, settings: WorkerSettings) -> None:
    """The task has its reply, an answer or a refusal, or is left for Flower to report as crashed."""
    try:
        with task.kept_alive():
            task.send(_reply(task, answers, settings))
    except TaskLost:
        _log.warning("task lost before its reply was taken")
    except Exception as error:  # noqa: BLE001 - whatever fails here, the node lives and no text of it leaves
        _log.error("task left unanswered: %s", type(error).__name__)


def _reply(task: Task, answers: Answers, settings: WorkerSettings) -> bytes:
    try:
        if task.bundle_sha256() != settings.allowed_bundle_sha256:
            return _refuse(answers, RefusalCode.BUNDLE_REFUSED)
        incoming = task.read(settings.frame_bytes_max)
    except MessageRefused:
        return _refuse(answers, RefusalCode.MESSAGE_REFUSED)
    try:
        return answers.answer(incoming.message_type, incoming.frame)
    except Exception as error:  # noqa: BLE001 - the text of any exception stays here; only a code leaves
        _log.error("answer failed: %s", type(error).__name__)
        return _refuse(answers, RefusalCode.INTERNAL_ERROR)


def _refuse(answers: Answers, code: RefusalCode) -> bytes:
    _log.warning("message refused: %s", code.value)
    return answers.refuse(code)
