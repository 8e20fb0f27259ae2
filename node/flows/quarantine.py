"""Quarantine as its stewards decide on it: look at an image as it was received, release it, or delete it.

Each act is in the audit trail before it takes effect. Whoever releases an image has looked at it first and says why;
the image goes back to de-identification with one judgement overruled. A deletion is decided in the database first, then
the bytes go; a crash between the two is mended by the next retention.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from node.deidentify.errors import FrameMissing, UnreadableImage
from node.deidentify.overruling import OVERRULABLE, RETRIABLE, reason_of
from node.deidentify.ports import ImageSandbox
from node.flows.act import Act
from node.ground.audit import AuditEvent
from node.ground.errors import NodeError
from node.intake.errors import ReceivedMissing
from node.intake.received import IntakeReason

OPENED: Final = "quarantine.opened"
RELEASED: Final = "quarantine.released"
DELETED: Final = "quarantine.deleted"
_EXCLUDED: Final = frozenset({IntakeReason.EXCLUDED.text_key, IntakeReason.LEGAL_HOLD.text_key})


class ReleaseReason(StrEnum):
    """Why a person releases an image; a code, since free text could name a patient."""

    NOTHING_IDENTIFIES = "nothing-identifies"
    TEXT_NAMES_NOBODY = "text-names-nobody"
    TRY_AGAIN = "try-again"


class DeleteReason(StrEnum):
    """Why a person deletes an image."""

    IDENTITY_VISIBLE = "identity-visible"
    NOT_NEEDED = "not-needed"
    SENT_BY_MISTAKE = "sent-by-mistake"
    PATIENT_ASKED = "patient-asked"


class QuarantineRefused(NodeError):
    """A person asked for something that quarantine does not allow."""


class NotInQuarantine(QuarantineRefused):
    """No image of that identifier is in quarantine; somebody may have decided on it already."""


class NotReleasable(QuarantineRefused):
    """The image stands for a reason that nobody can overrule."""


class NotDeletable(QuarantineRefused):
    """A legal hold forbids it, or the bytes are protected: a peer may rely on them for its own copy."""


class NotLookedAt(QuarantineRefused):
    """The person has not opened the image they want to release."""


class DecisionOutdated(QuarantineRefused):
    """The image stands for another reason now than the one the person saw."""


class NothingToShow(QuarantineRefused):
    """The received object has no picture that can be shown."""


class HeldImages(Protocol):
    """The quarantined rows. Every method raises: StoreFull, StoreFailed."""

    def reason_of(self, received_id: str) -> str | None:
        """The key of the reason's text; None where no such image is in quarantine."""
        ...

    def note(self, event: AuditEvent) -> None:
        """The event is durable."""
        ...

    def was_noted(self, event: AuditEvent) -> bool:
        """Whether the same actor did the same with the same subject before."""
        ...

    def release(self, received_id: str, overruled: str, event: AuditEvent) -> bool:
        """The image waits for de-identification again; False where it does not stand for that reason any more."""
        ...

    def delete(self, received_id: str, event: AuditEvent) -> bool:
        """The image is deleted; False where it is not in quarantine any more. Raises: NotDeletable."""
        ...

    def mark_gone(self, received_id: str, event: AuditEvent) -> None:
        """The row says that the bytes are gone."""
        ...


class HeldBytes(Protocol):
    """The bytes of received images."""

    def read(self, received_id: str) -> bytes:
        """The whole file. Raises: ReceivedMissing."""
        ...

    def drop(self, received_id: str) -> None:
        """The bytes are gone; dropping them again is no error."""
        ...


@dataclass(frozen=True, slots=True)
class QuarantineDesk:
    """What the decisions are made with."""

    rows: HeldImages
    blobs: HeldBytes
    sandbox: ImageSandbox


@dataclass(frozen=True, slots=True)
class OpenedFrame:
    """One frame of an image as it was received, for one pair of eyes."""

    png: bytes = field(repr=False)
    frames: int


def releasable(reason: str) -> bool:
    """Whether a person may overrule the reason of that text key, or have the image tried again."""
    return reason_of(reason) in OVERRULABLE or _is_retry(reason)


def open_frame(desk: QuarantineDesk, received_id: str, number: int, act: Act) -> OpenedFrame:
    """One frame of the image as it was received, shown to one person, who is in the audit trail before it is opened.

    Raises:
        NotInQuarantine: there is no such image in quarantine.
        NothingToShow: it has no such frame, none that can be decoded, or its patient is excluded.
    """
    if _held(desk, received_id) in _EXCLUDED:
        raise NothingToShow("the patient is excluded")
    desk.rows.note(_event(act, OPENED, received_id))
    try:
        raw = desk.blobs.read(received_id)
        return OpenedFrame(desk.sandbox.preview(raw, number), desk.sandbox.summarise(raw).frames)
    except (UnreadableImage, FrameMissing, ReceivedMissing):
        raise NothingToShow("the object cannot be shown") from None


def release(desk: QuarantineDesk, received_id: str, *, overruled: str, reason: ReleaseReason, act: Act) -> None:
    """The image goes back to de-identification, which will not object to it for that reason again.

    Raises:
        NotInQuarantine, DecisionOutdated: somebody was quicker.
        NotReleasable: nobody can overrule the reason, or it is no matter of the picture.
        NotLookedAt: the person has not opened the image.
    """
    standing = _held(desk, received_id)
    if standing != overruled:
        raise DecisionOutdated("the image stands for another reason")
    if not releasable(overruled) or (reason is ReleaseReason.TRY_AGAIN) != _is_retry(overruled):
        raise NotReleasable("the reason cannot be overruled so")
    if not _is_retry(overruled) and not desk.rows.was_noted(_event(act, OPENED, received_id)):
        raise NotLookedAt("the image was not opened by this person")
    if not desk.rows.release(received_id, overruled, _event(act, RELEASED, received_id, reason.value)):
        raise DecisionOutdated("the image stands for another reason")


def delete(desk: QuarantineDesk, received_id: str, *, reason: DeleteReason, act: Act) -> None:
    """The image is gone for good; the same bytes sent again stay deleted.

    Raises:
        NotInQuarantine: there is no such image in quarantine.
        NotDeletable: a legal hold forbids it, or the bytes are protected.
    """
    if _held(desk, received_id) == IntakeReason.LEGAL_HOLD.text_key:
        raise NotDeletable("the image is under a legal hold")
    if not desk.rows.delete(received_id, _event(act, DELETED, received_id, reason.value)):
        raise NotInQuarantine("the image is not in quarantine")
    desk.blobs.drop(received_id)
    desk.rows.mark_gone(received_id, _event(act, "received.dropped", received_id))


def _held(desk: QuarantineDesk, received_id: str) -> str:
    reason = desk.rows.reason_of(received_id)
    if reason is None:
        raise NotInQuarantine("no such image in quarantine")
    return reason


def _is_retry(reason: str) -> bool:
    return reason == IntakeReason.CLEANING_FAILED.text_key or reason_of(reason) in RETRIABLE


def _event(act: Act, action: str, received_id: str, reason: str = "") -> AuditEvent:
    return act.event(action, f"received:{received_id}", reason)
