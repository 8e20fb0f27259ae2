"""The draft: a reader's unsubmitted work, kept as a journal of change sets that is only ever added to.

A change set replaces the whole content or merges into it (RFC 7396: members are set, `null` takes one out), over the
version its page had read. It has an identifier of its own: sent again, after a lost answer or a crash, it is answered
as it was the first time and changes nothing. The draft is the fold of its journal from the first change set on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from node.ground.ids import new_id
from node.labeling.errors import ChangeSetReused, DraftConflict, DraftTooLarge

MAX_DRAFT_BYTES = 1024 * 1024
MAX_DEPTH = 64


class ChangeKind(StrEnum):
    """What a change set does with its body."""

    REPLACE = "replace"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One step of work. The body is a JSON object, as the page sent it; the node knows no name in it."""

    kind: ChangeKind
    body: str = field(repr=False)
    change_set_id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A change set as it was acknowledged: the draft's version with it, and when."""

    version: int
    change_set: ChangeSet
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """The state of one assignment's work; version 0 is the empty draft nobody saved."""

    version: int
    content: str = field(repr=False)
    """A JSON object."""
    saved_at: datetime | None


EMPTY = Draft(0, "{}", None)


def acknowledged(
    current: Draft, before: JournalEntry | None, change_set: ChangeSet, *, expected_version: int, now: datetime
) -> JournalEntry:
    """The entry that answers a change set; `before` is the one its identifier had already, and then stays.

    Raises:
        ChangeSetReused: its identifier belongs to another change set.
        DraftConflict: somebody saved since its page had read.
    """
    if before is not None:
        if before.change_set != change_set:
            raise ChangeSetReused("another change set has this identifier")
        return before
    if current.version != expected_version:
        raise DraftConflict(current.version)
    return JournalEntry(current.version + 1, change_set, now)


def applied(current: Draft, entry: JournalEntry) -> Draft:
    """The draft with one more entry.

    Raises:
        DraftTooLarge: it would hold more than a draft may.
    """
    change = json.loads(entry.change_set.body)
    if entry.change_set.kind is ChangeKind.MERGE:
        change = _merged(json.loads(current.content), change, MAX_DEPTH)
    content = json.dumps(change, ensure_ascii=False, separators=(",", ":"))
    if len(content.encode("utf-8")) > MAX_DRAFT_BYTES:
        raise DraftTooLarge("the draft has no room for this")
    return Draft(entry.version, content, entry.saved_at)


def folded(entries: Iterable[JournalEntry]) -> Draft:
    """The draft that a whole journal leads to."""
    draft = EMPTY
    for entry in entries:
        draft = applied(draft, entry)
    return draft


def _merged(target: Any, patch: Any, depth: int) -> Any:
    if not isinstance(patch, dict):
        return patch
    if depth == 0:
        raise DraftTooLarge("nested too deeply")
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value, depth - 1)
    return merged
