"""The child: reads a request, calls one pure function, answers. Exits when its parent closes the pipe.

Nothing of an exception goes out but its kind's code, and standard error leads nowhere: it might quote a patient.
"""

from __future__ import annotations

import argparse
import codecs
import importlib
import os
import pkgutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import BinaryIO, Final

from PIL import Image
from pydicom.charset import python_encoding
from pydicom.pixels.decoders import base as _decoders

from node.deidentify.clean import clean
from node.deidentify.errors import FrameMissing, ReplacementIncomplete, UnreadableImage
from node.deidentify.findings import DecodedFrame, Picture
from node.deidentify.frames import decode_frame, preview, render, shown_frame
from node.deidentify.header import describe
from node.deidentify.policy import Policy
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage, QuarantineReason, Replacement, Verdict
from node.deidentify.vocabulary import is_word
from node.edges.sandbox import wire
from node.edges.sandbox.walls import allow_processor_seconds, enclose
from node.edges.sandbox.wire import Answer, Operation, Refusal, Request

_Said = tuple[Answer, bytes]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves requests on standard input until it ends."""
    parser = argparse.ArgumentParser(prog="node sandbox", description="Takes DICOM files apart; started by the node.")
    parser.add_argument("--address-space-bytes", type=int, required=True)
    parser.add_argument("--processor-seconds", type=int, required=True)
    parser.add_argument("--permitted-marks", default=None, help="search pictures for text; these marks may stay")
    limits = parser.parse_args(arguments)
    questions, answers = _own_pipes()
    warnings.simplefilter("ignore")
    load_everything()
    if limits.permitted_marks is not None:
        _OPERATIONS[Operation.CLEAN] = _searching(limits.permitted_marks)
    enclose(limits.address_space_bytes)
    _send(answers, (Answer(said=wire.Ready()), b""))
    serve(questions, answers, processor_seconds=limits.processor_seconds)
    return 0


def serve(questions: BinaryIO, answers: BinaryIO, *, processor_seconds: int) -> None:
    """Answers requests until the input ends, or until one has cost too much memory."""
    while (request := _received(questions)) is not None:
        allow_processor_seconds(processor_seconds)
        answer = answered(*request)
        _send(answers, answer)
        said = answer[0].said
        if isinstance(said, Refusal) and said.reason is QuarantineReason.TOO_COSTLY:
            return


def answered(request: Request, raw: bytes) -> _Said:
    """The answer to a request; any failure is a refusal by code."""
    try:
        return _OPERATIONS[request.operation](request, raw)
    except UnreadableImage as unreadable:
        return Answer(said=Refusal(reason=unreadable.reason)), b""
    except FrameMissing:
        return Answer(said=wire.NoSuchFrame()), b""
    except ReplacementIncomplete:
        return Answer(said=wire.NoSuccessor()), b""
    except MemoryError:
        return Answer(said=Refusal(reason=QuarantineReason.TOO_COSTLY)), b""
    except Exception:  # noqa: BLE001 - hostile bytes: whatever they break, the answer is a code and the image waits
        return Answer(said=Refusal(reason=QuarantineReason.MALFORMED)), b""


def _summarise(_request: Request, raw: bytes) -> _Said:
    return Answer(said=wire.SummaryAnswer(**asdict(summarise(raw)))), b""


def _clean(request: Request, raw: bytes) -> _Said:
    return _cleaned(clean, request, raw)


def _searching(marks: str) -> Callable[[Request, bytes], _Said]:
    """Cleaning that searches the pictures too; its networks are loaded and have been used once."""
    from node.deidentify.pixels.cleaning import PixelCleaner
    from node.deidentify.pixels.reader import TextReader

    cleaner = PixelCleaner(TextReader(), frozenset(marks.split(",")))
    cleaner.rehearse()
    return lambda request, raw: _cleaned(cleaner.clean, request, raw)


def _cleaned(cleaning: Callable[..., Verdict], request: Request, raw: bytes) -> _Said:
    if request.replacement is None:
        raise ReplacementIncomplete("a request to clean carries a replacement")
    sent = request.replacement.model_dump()
    stand_ins = Replacement(**{**sent, "policy": Policy(**sent["policy"])})
    verdict = cleaning(raw, stand_ins, overruled=frozenset(request.overruled))
    if isinstance(verdict, CleanImage):
        return Answer(said=wire.CleanAnswer(done=verdict.done)), verdict.contents
    return Answer(said=wire.QuarantineAnswer(reason=verdict.reason)), b""


def _frame(request: Request, raw: bytes) -> _Said:
    return _decoded(decode_frame(raw, request.number))


def _shown(request: Request, raw: bytes) -> _Said:
    return _decoded(shown_frame(raw, request.number))


def _decoded(frame: DecodedFrame) -> _Said:
    fields = asdict(frame)
    pixels = fields.pop("pixels")
    return Answer(said=wire.FrameAnswer(**fields)), pixels


def _preview(request: Request, raw: bytes) -> _Said:
    return Answer(said=wire.PreviewAnswer()), preview(raw, request.number)


def _render(request: Request, raw: bytes) -> _Said:
    wanted = Picture() if request.picture is None else Picture(**request.picture.model_dump())
    return Answer(said=wire.RenderAnswer()), render(raw, request.number, wanted)


def _describe(_request: Request, raw: bytes) -> _Said:
    fields = asdict(describe(raw))
    metadata = fields.pop("metadata")
    return Answer(said=wire.HeaderAnswer(**fields)), metadata


_OPERATIONS: Final[dict[Operation, Callable[[Request, bytes], _Said]]] = {
    Operation.SUMMARISE: _summarise,
    Operation.CLEAN: _clean,
    Operation.FRAME: _frame,
    Operation.SHOWN: _shown,
    Operation.PREVIEW: _preview,
    Operation.RENDER: _render,
    Operation.DESCRIBE: _describe,
}


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The parent's pipes; what native code prints does not land among the answers."""
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    return questions, answers


def load_everything() -> None:
    """Every codec and character set is in memory: after this nothing can be opened."""
    Image.init()
    is_word("")
    for name in sorted({*python_encoding.values(), "cp949", "latin_1", "utf_8"}):
        codecs.lookup(name)
    for module in pkgutil.iter_modules([str(_decoders.__file__).rsplit(os.sep, 1)[0]]):
        importlib.import_module(f"pydicom.pixels.decoders.{module.name}")


def _received(questions: BinaryIO) -> tuple[Request, bytes] | None:
    lengths = questions.read(wire.LENGTHS.size)
    if len(lengths) < wire.LENGTHS.size:
        return None
    header_bytes, blob_bytes = wire.LENGTHS.unpack(lengths)
    header, blob = questions.read(header_bytes), questions.read(blob_bytes)
    if len(header) < header_bytes or len(blob) < blob_bytes:
        return None
    return Request.model_validate_json(header), blob


def _send(answers: BinaryIO, answer: _Said) -> None:
    for piece in wire.packed(*answer):
        answers.write(piece)
    answers.flush()
