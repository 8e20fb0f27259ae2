"""The journals of drafts, in one transaction of the ward; the table of drafts holds what each journal leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from node.labeling.draft import ChangeKind, ChangeSet, Draft, JournalEntry
from node.storage.ward_tables import draft, draft_change

# Built once: every stroke that is saved runs them.
_FIND = select(draft_change).where(
    draft_change.c.assignment_id == bindparam("of_assignment"), draft_change.c.change_set_id == bindparam("of_change")
)
_AFTER = (
    select(draft_change)
    .where(draft_change.c.assignment_id == bindparam("of_assignment"), draft_change.c.version > bindparam("after"))
    .order_by(draft_change.c.version)
)
_APPEND = insert(draft_change)
_FIRST = insert(draft)
_NEXT = (
    update(draft)
    .where(draft.c.assignment_id == bindparam("of_assignment"))
    .values(version=bindparam("new_version"), content=bindparam("new_content"), saved_at=bindparam("new_saved_at"))
)


@dataclass(frozen=True, slots=True)
class JournalRows:
    """The change sets of one transaction. There is no way here to change one."""

    connection: Connection

    def find(self, assignment_id: str, change_set_id: str) -> JournalEntry | None:
        """The entry of this change set, or none."""
        one = {"of_assignment": assignment_id, "of_change": change_set_id}
        row = self.connection.execute(_FIND, one).one_or_none()
        return None if row is None else _entry_of(row)

    def after(self, assignment_id: str, version: int) -> Iterator[JournalEntry]:
        """The entries after a version, in order."""
        return map(_entry_of, self.connection.execute(_AFTER, {"of_assignment": assignment_id, "after": version}))

    def append(self, assignment_id: str, entry: JournalEntry, draft: Draft) -> None:
        """The entry is in the journal and the draft as it leaves it; the assignment was locked by whoever calls."""
        change_set = entry.change_set
        words = {
            "assignment_id": assignment_id,
            "version": entry.version,
            "change_set_id": change_set.change_set_id,
            "kind": change_set.kind.value,
            "body": change_set.body,
            "saved_at": entry.saved_at,
        }
        self.connection.execute(_APPEND, words)
        values = {"version": draft.version, "content": draft.content, "saved_at": draft.saved_at}
        if draft.version == 1:
            self.connection.execute(_FIRST, values | {"assignment_id": assignment_id})
        else:
            named = {f"new_{name}": value for name, value in values.items()}
            self.connection.execute(_NEXT, named | {"of_assignment": assignment_id})


def _entry_of(row: Row[Any]) -> JournalEntry:
    change_set = ChangeSet(ChangeKind(row.kind), row.body, row.change_set_id)
    return JournalEntry(row.version, change_set, row.saved_at)
