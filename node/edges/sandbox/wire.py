"""Requests and answers on the pipe between a sandbox and its parent: a JSON header and bytes, each with its length.

Both sides bound what they read. The parent takes nothing of the answer for granted: the child has read hostile bytes,
so each answer is parsed strictly into the value it must be.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from node.deidentify.findings import Form
from node.deidentify.policy import Dates
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
    SHOWN = "shown"
    PREVIEW = "preview"
    RENDER = "render"
    DESCRIBE = "describe"


class SentPolicy(_Message):
    """A site's `Policy` on its way to the child."""

    dates: Dates
    times: bool
    patient: bool
    device: bool
    institution: bool
    uids: bool
    safe_private: bool
    descriptors: bool
    structured: bool


class SentReplacement(_Message):
    """A `Replacement` on its way to the child."""

    patient_pseudonym: str
    uid_map: dict[str, str]
    date_shift_days: int
    method: str
    policy: SentPolicy


class SentPicture(_Message):
    """A `Picture` on its way to the child."""

    form: Form
    quality: int
    window: tuple[float, float] | None
    within: tuple[int, int] | None


class Request(_Message):
    """One question about the image that follows as bytes."""

    operation: Operation
    replacement: SentReplacement | None = None
    number: int = 1
    picture: SentPicture | None = None
    overruled: tuple[QuarantineReason, ...] = ()


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
    sources: tuple[Uid, ...]
    other_patient_ids: tuple[Text, ...]


class CleanAnswer(_Message):
    """The clean file follows as bytes."""

    kind: Literal["clean"] = "clean"
    done: tuple[CleaningStep, ...]


class QuarantineAnswer(_Message):
    """The image was judged and not cleaned."""

    kind: Literal["quarantined"] = "quarantined"
    reason: QuarantineReason


class FrameAnswer(_Message):
    """The values of a `DecodedFrame` follow as bytes."""

    kind: Literal["frame"] = "frame"
    rows: Annotated[int, Field(ge=1, le=65535)]
    columns: Annotated[int, Field(ge=1, le=65535)]
    samples: Literal[1, 3, 4]
    bits_allocated: Literal[8, 16, 32]
    bits_stored: Annotated[int, Field(ge=1, le=32)]
    signed: bool
    photometric: Text
    baked: bool


class PreviewAnswer(_Message):
    """The PNG follows as bytes."""

    kind: Literal["preview"] = "preview"


class RenderAnswer(_Message):
    """The picture follows as bytes."""

    kind: Literal["picture"] = "picture"


Span = tuple[Annotated[int, Field(ge=0, lt=2**40)], Annotated[int, Field(ge=0, lt=2**40)]]
NewUid = Annotated[str, Field(pattern=r"^[0-9.]{1,64}$")]
Number = Annotated[int, Field(gt=-(2**31), lt=2**31)]
Path = Annotated[str, Field(pattern=r"^[0-9A-F]{8}(\.\d{1,6}\.[0-9A-F]{8})*$")]


class HeaderAnswer(_Message):
    """A `CleanHeader`, field by field; its metadata follows as bytes."""

    kind: Literal["header"] = "header"
    study_uid: NewUid
    series_uid: NewUid
    instance_uid: NewUid
    sop_class_uid: Annotated[str, Field(pattern=r"^[0-9.]{0,64}$")]
    transfer_syntax_uid: NewUid
    patient_id: Annotated[str, Field(max_length=64)]
    study_date: Annotated[str, Field(max_length=8)]
    modality: Annotated[str, Field(max_length=64)]
    series_number: Number | None
    instance_number: Number | None
    frames: Annotated[int, Field(ge=1, lt=2**31)]
    frame_bytes: Annotated[int, Field(ge=0, lt=2**40)]
    spans: dict[Path, Span]
    fragments: tuple[tuple[Span, ...], ...]
    study: str
    series: str
    instance: str


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
        | PreviewAnswer
        | RenderAnswer
        | HeaderAnswer,
        Field(discriminator="kind"),
    ]


def packed(message: Request | Answer, blob: bytes = b"") -> tuple[bytes, bytes]:
    """The lengths with the header, and the bytes to send after them."""
    header = message.model_dump_json().encode("utf-8")
    return LENGTHS.pack(len(header), len(blob)) + header, blob
