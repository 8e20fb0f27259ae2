"""A pool of sandbox processes, one image each at a time; safe to use from several threads."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import TracebackType
from typing import Final, Self

from node.deidentify.errors import FrameMissing, ReplacementIncomplete, SandboxRefused
from node.deidentify.findings import CleanHeader, DecodedFrame, Form, HeaderSummary, Picture
from node.deidentify.verdict import CleanImage, Quarantined, QuarantineReason, Replacement, Verdict
from node.edges.sandbox import wire
from node.edges.sandbox.process import SandboxProcess
from node.edges.sandbox.walls import SandboxLimits
from node.edges.sandbox.wire import Operation, Request, SentReplacement

_BEGINNINGS: Final = {Form.PNG: b"\x89PNG", Form.JPEG: b"\xff\xd8\xff"}


class SandboxPool:
    """Implements `deidentify.ports.ImageSandbox`. Children start with the first question and end with `close`."""

    def __init__(self, size: int, *, limits: SandboxLimits | None = None, marks: frozenset[str] | None = None) -> None:
        """With `marks` pictures are searched for text while an image is cleaned, and only these marks stay in them."""
        if size < 1:
            raise ValueError("a pool has one process or more")
        self._processes = tuple(SandboxProcess(limits or SandboxLimits(), marks=marks) for _ in range(size))
        self._free: queue.LifoQueue[SandboxProcess] = queue.LifoQueue()
        for process in self._processes:
            self._free.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Every child is ended; call it when no question is under way."""
        for process in self._processes:
            process.end()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """The children there are at the moment."""
        return tuple(identity for process in self._processes if (identity := process.process_id) is not None)

    def summarise(self, raw: bytes) -> HeaderSummary:
        """The header of the image. Raises as `deidentify.ports.ImageSandbox` says."""
        said, _ = self._ask(Request(operation=Operation.SUMMARISE), raw)
        if not isinstance(said, wire.SummaryAnswer):
            raise SandboxRefused(QuarantineReason.MALFORMED)
        return HeaderSummary(**said.model_dump(exclude={"kind"}))

    def clean(
        self, raw: bytes, replacement: Replacement, *, overruled: frozenset[QuarantineReason] = frozenset()
    ) -> Verdict:
        """The clean image or the reason for quarantine. Raises as `deidentify.ports.ImageSandbox` says."""
        fields = {**asdict(replacement), "uid_map": dict(replacement.uid_map)}
        sent = SentReplacement.model_validate(fields)
        request = Request(operation=Operation.CLEAN, replacement=sent, overruled=tuple(sorted(overruled)))
        said, contents = self._ask(request, raw)
        match said:
            case wire.CleanAnswer():
                return CleanImage(contents, said.done)
            case wire.QuarantineAnswer():
                return Quarantined(said.reason)
            case _:
                raise SandboxRefused(QuarantineReason.MALFORMED)

    def frame(self, raw: bytes, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1. Raises `FrameMissing` or as the port says."""
        return self._decoded(Operation.FRAME, raw, number)

    def shown(self, raw: bytes, number: int) -> DecodedFrame:
        """A frame as a page shows it, numbered from 1. Raises `FrameMissing` or as the port says."""
        return self._decoded(Operation.SHOWN, raw, number)

    def _decoded(self, operation: Operation, raw: bytes, number: int) -> DecodedFrame:
        said, pixels = self._ask(Request(operation=operation, number=number), raw)
        if not isinstance(said, wire.FrameAnswer):
            raise SandboxRefused(QuarantineReason.MALFORMED)
        if len(pixels) != said.rows * said.columns * said.samples * said.bits_allocated // 8:
            raise SandboxRefused(QuarantineReason.PIXEL_DATA_LENGTH)
        return DecodedFrame(**said.model_dump(exclude={"kind"}), pixels=pixels)

    def preview(self, raw: bytes, number: int) -> bytes:
        """A frame as PNG. Raises `FrameMissing` or as the port says."""
        said, png = self._ask(Request(operation=Operation.PREVIEW, number=number), raw)
        if not isinstance(said, wire.PreviewAnswer) or not png.startswith(b"\x89PNG"):
            raise SandboxRefused(QuarantineReason.MALFORMED)
        return png

    def render(self, raw: bytes, number: int, picture: Picture) -> bytes:
        """A frame as the picture that was asked for. Raises `FrameMissing` or as the port says."""
        sent = wire.SentPicture(**asdict(picture))
        said, drawn = self._ask(Request(operation=Operation.RENDER, number=number, picture=sent), raw)
        if not isinstance(said, wire.RenderAnswer) or not drawn.startswith(_BEGINNINGS[picture.form]):
            raise SandboxRefused(QuarantineReason.MALFORMED)
        return drawn

    def describe(self, raw: bytes) -> CleanHeader:
        """The header of a clean file. Raises as `deidentify.ports.ImageSandbox` says."""
        said, metadata = self._ask(Request(operation=Operation.DESCRIBE), raw)
        if not isinstance(said, wire.HeaderAnswer):
            raise SandboxRefused(QuarantineReason.MALFORMED)
        _check_objects(said.study, said.series, said.instance, metadata)
        return CleanHeader(**said.model_dump(exclude={"kind"}), metadata=metadata)

    def _ask(self, request: Request, raw: bytes) -> tuple[object, bytes]:
        if len(raw) > wire.MOST_BLOB_BYTES:
            raise SandboxRefused(QuarantineReason.TOO_COSTLY)
        with self._borrowed() as process:
            answer, blob = process.ask(request, raw)
        match answer.said:
            case wire.Refusal():
                raise SandboxRefused(answer.said.reason)
            case wire.NoSuchFrame():
                raise FrameMissing(f"frame {request.number}")
            case wire.NoSuccessor():
                raise ReplacementIncomplete("the replacement was made for another image")
            case said:
                return said, blob

    @contextmanager
    def _borrowed(self) -> Iterator[SandboxProcess]:
        process = self._free.get()
        try:
            yield process
        finally:
            self._free.put(process)


def _check_objects(*objects: str | bytes) -> None:
    """Return when each is one JSON object: they go out as they are, so a child may not smuggle more into them."""
    try:
        whole = all(isinstance(json.loads(one), dict) for one in objects)
    except (ValueError, RecursionError):
        whole = False
    if not whole:
        raise SandboxRefused(QuarantineReason.MALFORMED)
