"""The rows of received images: a batch and its jobs and audit events in one transaction, duplicates recognised.

A row of release 0.1.0 holds a digest of the former form; only where one with the same instance UID is met, the digest
of that form is made from the bytes, so that what is sent again after an upgrade is still the same image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from node.intake.content_digest import FORM
from node.intake.received import IntakeReason, NewReceived, Outcome, ReceivedState
from node.storage.audit import record
from node.storage.database_errors import refusing
from node.storage.engine import reading, writing
from node.storage.intake_tables import AUDIT, JOB, RECEIVED

CLEAN_KIND: Final = "clean"
"""The kind of the job that waits for every received image."""
FormerDigest = Callable[[str], str | None]
"""The digest of the former form of bytes on their way in, by their name; None where they cannot be read."""


def _unknown(_received_id: str) -> None:
    """No bytes to make a digest from."""


class ReceivedIndexStore:
    """Implements `ReceivedIndex` on `intake.db`."""

    def __init__(self, engine: Engine, former: FormerDigest = _unknown) -> None:
        self._engine = engine
        self._former = former

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        """The rows, their jobs and audit events are durable together, or none. Raises: StoreFull, StoreFailed."""
        with refusing():
            try:
                return self._added(batch)
            except IntegrityError:
                # Another process stored the same bytes between our look and our row: now we see it.
                return self._added(batch)

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        """Those of the identifiers that have a row."""
        query = select(RECEIVED.c.received_id).where(RECEIVED.c.received_id.in_(received_ids))
        with refusing(), reading(self._engine) as connection:
            return frozenset(connection.scalars(query))

    def _added(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        with writing(self._engine) as connection:
            known = _known(connection, batch)
            outcomes = []
            for new in batch:
                outcome = self._outcome(new, known.setdefault(new.instance_lookup, {}))
                if outcome is not Outcome.DUPLICATE:
                    known[new.instance_lookup][new.content_digest] = _state(outcome)
                outcomes.append(outcome)
            _insert(connection, [pair for pair in zip(batch, outcomes, strict=True) if pair[1] != Outcome.DUPLICATE])
            return outcomes

    def _outcome(self, new: NewReceived, same_uid: dict[str, ReceivedState]) -> Outcome:
        """A quarantined earlier image is no rival: a whole file may follow one that was cut off."""
        if new.content_digest in same_uid:
            return Outcome.DUPLICATE
        if new.broken:
            return Outcome.SET_ASIDE
        if not all(digest.startswith(FORM) for digest in same_uid) and self._former(new.received_id) in same_uid:
            return Outcome.DUPLICATE
        rivals = any(state is not ReceivedState.QUARANTINED for state in same_uid.values())
        return Outcome.CONFLICT if rivals else Outcome.STORED


def _known(connection: Connection, batch: Sequence[NewReceived]) -> dict[str, dict[str, ReceivedState]]:
    """The state of every stored image with one of the batch's instance UIDs: lookup -> digest -> state."""
    columns = (RECEIVED.c.instance_lookup, RECEIVED.c.content_digest, RECEIVED.c.state)
    lookups = {new.instance_lookup for new in batch}
    known: dict[str, dict[str, ReceivedState]] = {}
    for row in connection.execute(select(*columns).where(RECEIVED.c.instance_lookup.in_(lookups))):
        known.setdefault(row.instance_lookup, {})[row.content_digest] = ReceivedState(row.state)
    return known


def _state(outcome: Outcome) -> ReceivedState:
    return ReceivedState.WAITING if outcome is Outcome.STORED else ReceivedState.QUARANTINED


def _reason(outcome: Outcome) -> str:
    match outcome:
        case Outcome.CONFLICT:
            return IntakeReason.SAME_UID_OTHER_BYTES.text_key
        case Outcome.SET_ASIDE:
            return IntakeReason.FILE_BROKEN.text_key
        case _:
            return ""


def _insert(connection: Connection, added: Sequence[tuple[NewReceived, Outcome]]) -> None:
    if not added:
        return
    connection.execute(insert(RECEIVED), [_row(new, outcome) for new, outcome in added])
    jobs = [_job(new) for new, outcome in added if outcome is Outcome.STORED]
    if jobs:
        connection.execute(insert(JOB), jobs)
    record(connection, AUDIT, *(new.event for new, _ in added))


def _row(new: NewReceived, outcome: Outcome) -> dict[str, object]:
    waits = outcome is Outcome.STORED
    return {
        "received_id": new.received_id,
        "instance_lookup": new.instance_lookup,
        "content_digest": new.content_digest,
        "byte_count": new.byte_count,
        "sealed_identity": new.sealed_identity,
        "state": _state(outcome).value,
        "reason": _reason(outcome),
        "received_at": new.event.at,
        "settled_at": None if waits else new.event.at,
        "protected": False,
        "dropped_at": None,
    }


def _job(new: NewReceived) -> dict[str, object]:
    return {
        "kind": CLEAN_KIND,
        "subject": new.received_id,
        "state": "waiting",
        "attempt": 0,
        "holder": "",
        "due_at": new.event.at,
        "code": "",
    }
