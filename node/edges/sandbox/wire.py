"""Requests and answers on the pipe between a sandbox and its parent: a JSON header and bytes, each with its length.

Both sides bound what they read. The parent takes nothing of the answer for granted: the child has read hostile bytes,
so each answer is parsed strictly into the value it must be.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from node.deidentify.verdict import CleaningStep, QuarantineReason

LENGTHS: Final = struct.Struct(">II")
MOST_HEADER_BYTES: Final = 8 * 2**20
MOST_BLOB_BYTES: Final = 2**30

Uid = Annotated[str, Field(max_length=1024)]
Text = Annotated[str, Field(max_length=1024)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Operation(StrEnum):
    """What a sandbox can be asked."""

    SUMMARISE = "summarise"
    CLEAN = "clean"
    FRAME = "frame"
    PREVIEW = "preview"


class SentReplacement(_Message):
    """A `Replacement` on its way to the child."""

    patient_pseudonym: str
    uid_map: dict[str, str]
    date_shift_days: int
    method: str


class Request(_Message):
    """One question about the image that follows as bytes."""

    operation: Operation
    replacement: SentReplacement | None = None
    number: int = 1


class Refusal(_Message):
    """The image cannot be read."""

    kind: Literal["refused"] = "refused"
    reason: QuarantineReason


class NoSuchFrame(_Message):
    """The image has fewer frames."""

    kind: Literal["no_such_frame"] = "no_such_frame"


class NoSuccessor(_Message):
    """The replacement does not fit the image."""

    kind: Literal["no_successor"] = "no_successor"


class Ready(_Message):
    """The child has loaded its codecs and closed its walls."""

    kind: Literal["ready"] = "ready"


class SummaryAnswer(_Message):
    """A `HeaderSummary`, field by field."""

    kind: Literal["summary"] = "summary"
    patient_id: Text
    issuer: Text
    patient_name: Text
    study_uid: Uid
    series_uid: Uid
    instance_uid: Uid
    uids: tuple[Uid, ...]
    sop_class_uid: Uid
    transfer_syntax_uid: Uid
    modality: Text
    body_part: Text
    laterality: Text
    view: Text
    rows: int
    columns: int
    frames: int
    study_date: Annotated[str, Field(pattern=r"^(\d{8})?$")]
    age: Annotated[str, Field(pattern=r"^(\d{3}[DWMY])?$")]
    sex: Text


class CleanAnswer(_Message):
    """The clean file follows as bytes."""

    kind: Literal["clean"] = "clean"
    done: tuple[CleaningStep, ...]


class QuarantineAnswer(_Message):
    """The image was judged and not cleaned."""

    kind: Literal["quarantined"] = "quarantined"
    reason: QuarantineReason


class FrameAnswer(_Message):
    """The stored values follow as bytes."""

    kind: Literal["frame"] = "frame"
    rows: Annotated[int, Field(ge=1, le=65535)]
    columns: Annotated[int, Field(ge=1, le=65535)]
    samples: Literal[1, 3, 4]
    bits_allocated: Literal[8, 16, 32]
    bits_stored: Annotated[int, Field(ge=1, le=32)]
    signed: bool
    photometric: Text


class PreviewAnswer(_Message):
    """The PNG follows as bytes."""

    kind: Literal["preview"] = "preview"


class Answer(_Message):
    """Whatever the child says."""

    said: Annotated[
        Ready
        | Refusal
        | NoSuchFrame
        | NoSuccessor
        | SummaryAnswer
        | CleanAnswer
        | QuarantineAnswer
        | FrameAnswer
        | PreviewAnswer,
        Field(discriminator="kind"),
    ]


def packed(message: Request | Answer, blob: bytes = b"") -> tuple[bytes, bytes]:
    """The lengths with the header, and the bytes to send after them."""
    header = message.model_dump_json().encode("utf-8")
    return LENGTHS.pack(len(header), len(blob)) + header, blob
