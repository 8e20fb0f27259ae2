"""The draft: a reader's unsubmitted work, saved whole with a version, never written over a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.labeling.errors import DraftConflict

MAX_DRAFT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Draft:
    """The last saved state of one assignment's work; version 0 is the empty draft nobody saved."""

    version: int
    content: str
    """JSON as the page sent it; the node does not read it."""
    saved_at: datetime | None


EMPTY = Draft(0, "{}", None)


def saved_over(current: Draft, *, expected_version: int, content: str, now: datetime) -> Draft:
    """The next version of the draft.

    Raises:
        DraftConflict: another window saved since this one read.
    """
    if current.version != expected_version:
        raise DraftConflict(current.version)
    return Draft(current.version + 1, content, now)
