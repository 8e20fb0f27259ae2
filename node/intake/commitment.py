"""Storage commitment: a peer asks whether it may rely on this node for instances it sent, and may delete its own.

The answer for one instance is yes, or why not. A transaction is named by its peer and stands from its request to its
report; another request under a name that stands is answered for every instance with that reason and nothing else, since
a peer could not tell the two reports apart. Source: PS3.4 annex J; failure reasons PS3.3 section C.14.1.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

MODEL: Final = "1.2.840.10008.1.20.1"
"""Storage Commitment Push Model SOP Class."""
WELL_KNOWN_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
MAX_INSTANCES: Final = 20_000
"""Of one request."""
_NO_STORAGE: Final = ("StorageCommitment", "MediaStorage")
"""Classes that have the word in their name and hold no instances to be stored."""


class Failure(IntEnum):
    """Why the node does not commit to one instance."""

    PROCESSING = 0x0110
    NO_SUCH_OBJECT = 0x0112
    CLASS_CONFLICT = 0x0119
    CLASS_UNSUPPORTED = 0x0122
    """No instance of the class can ever be stored here."""
    DUPLICATE_TRANSACTION = 0x0131
    """The peer's transaction of that UID waits for its report."""


class CommitmentState(StrEnum):
    """Where a request stands."""

    ACCEPTED = "accepted"
    """It is kept; the report goes out."""
    REPORTED = "reported"
    """The peer has taken the report."""
    GIVEN_UP = "given_up"
    """The peer did not take the report in many attempts: it keeps its copies, and may ask again."""
    REFUSED = "refused"


class CommitmentReason(StrEnum):
    """Why a request is refused, or its report given up; each is the key of a text in `intake.toml`."""

    NOT_AN_ARCHIVE = "not_an_archive"
    RETENTION_ENDS = "retention_ends"
    REQUEST_UNREADABLE = "request_unreadable"
    TOO_MANY_PENDING = "too_many_pending"
    REPORT_NOT_TAKEN = "report_not_taken"

    @property
    def text_key(self) -> str:
        """The reason as it is stored and shown: the key of its text."""
        return f"intake.commitment_{self.value}"


@dataclass(frozen=True, slots=True)
class Referenced:
    """One instance a peer asks about."""

    class_uid: str
    instance_uid: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommitmentRequest:
    """What a peer asks in one transaction."""

    transaction_uid: str = field(repr=False)
    instances: tuple[Referenced, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The node's answer: each instance is committed, or has its failure."""

    committed: tuple[Referenced, ...]
    failed: tuple[tuple[Referenced, Failure], ...]


def storable(class_uid: str) -> bool:
    """Whether instances of the class can be stored: all but what the standard registers as something else."""
    # Asked of what is not here, which is seldom: the registry is loaded with the first such question.
    from pydicom.config import IGNORE
    from pydicom.uid import UID

    known = UID(class_uid, validation_mode=IGNORE)
    if not (known.type and known.keyword):
        return True
    return known.type == "SOP Class" and "Storage" in known.keyword and not known.keyword.startswith(_NO_STORAGE)


def refused_whole(request: CommitmentRequest, failure: Failure) -> Judged:
    """The answer that commits to nothing, for one reason."""
    return Judged((), tuple((one, failure) for one in dict.fromkeys(request.instances)))
