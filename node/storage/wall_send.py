"""The transaction of a send in `wall.db`: approval, outbox and ledger together, or nothing.

The ledger's head is locked first, so that entries are numbered without a gap and nobody sends beside anybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, select, update

from node.ground.audit import AuditEvent
from node.release.approvals import HeldApproval
from node.release.asked import Asked
from node.release.ledger import Head, entry_text, head_after, next_entry
from node.release.outbox import Parcel, Passage
from node.release.refusals import AnswerEmptied
from node.release.stops import Stop
from node.release.wish import FirstYes
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_first_yes import end_first_yes, keep_first_yes, take_first_yes
from node.storage.wall_patients import freeze_patients
from node.storage.wall_plans import end_approval, hold_approval, latest_approval
from node.storage.wall_stops import add_stop, lift_stop, stops_of
from node.storage.wall_tables import audit, ledger_entry, ledger_head, outbox
from protocols.approvals import Approval, Withdrawal
from protocols.plans import TrainingPlan
from protocols.receipts import LedgerEntry


class WallSending:
    """Implements `Sending`, `Deciding` and `Stopping` on one open transaction."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self._head = head

    def held_approval(self, plan_id: str) -> HeldApproval | None:
        """The latest approval of a plan, as this transaction sees it."""
        return latest_approval(self._connection, plan_id, locked=True)

    def stored(self, parcel: Parcel) -> bytes | None:
        """The bytes that were put in the outbox for the same exchange, or these very bytes.

        Raises:
            AnswerEmptied: the exchange was answered with other bytes, which are no longer kept.
        """
        very = select(outbox.c.sent_sha256).where(outbox.c.sent_sha256 == parcel.sent_sha256)
        if self._connection.scalar(very) is not None:
            return parcel.sealed
        return None if parcel.answers is None else _answered(self._connection, parcel.answers)

    def put(self, parcel: Parcel) -> None:
        """The bytes are in the outbox, released."""
        asked = parcel.answers
        self._connection.execute(
            insert(outbox).values(
                sent_sha256=parcel.sent_sha256,
                sealed=parcel.sealed,
                message_kind=parcel.message_kind,
                channel=parcel.channel.value,
                passage=Passage.RELEASED.value,
                released_at=parcel.released_at,
                plan_id=None if asked is None else asked.plan_id,
                run_id=None if asked is None else asked.run_id,
                exchange=None if asked is None else asked.exchange.value,
                round=None if asked is None else asked.round,
                attempt=None if asked is None else asked.attempt,
            )
        )

    def enter(self, parcel: Parcel, event: AuditEvent) -> LedgerEntry:
        """The ledger's next entry names the bytes."""
        entry = next_entry(self._head, parcel)
        self._head = head_after(entry)
        self._connection.execute(
            insert(ledger_entry).values(
                number=entry.number, sent_sha256=entry.sent_sha256, body=entry_text(entry), hash=self._head.hash
            )
        )
        self._connection.execute(update(ledger_head).values(number=self._head.number, hash=self._head.hash))
        record(self._connection, audit, event)
        return entry

    def hold(self, approval: Approval, event: AuditEvent) -> None:
        """The approval is the latest of its plan."""
        hold_approval(self._connection, approval, event)

    def end(self, withdrawal: Withdrawal, event: AuditEvent) -> None:
        """The approval is withdrawn."""
        end_approval(self._connection, withdrawal, event)

    def stops(self, plan_id: str) -> tuple[Stop, ...]:
        """Every stop of a plan, the oldest first."""
        return stops_of(self._connection, plan_id)

    def stop(self, plan_id: str, stop: Stop, event: AuditEvent) -> None:
        """The office's stop stands, and no first yes waits for a second."""
        end_first_yes(self._connection, plan_id)
        add_stop(self._connection, plan_id, stop, event)

    def lift(self, plan_id: str, lifted: Stop, event: AuditEvent) -> None:
        """The office's stop stands no more."""
        lift_stop(self._connection, plan_id, lifted, event)

    def keep_first_yes(self, plan_id: str, first: FirstYes, event: AuditEvent) -> None:
        """This first yes waits for a second, and no other of its plan."""
        keep_first_yes(self._connection, plan_id, first, event)

    def take_first_yes(self, plan_id: str, event: AuditEvent) -> FirstYes | None:
        """The first yes that waited, which waits no more; where there was none, nothing happened."""
        return take_first_yes(self._connection, plan_id, event)

    def freeze(self, plan: TrainingPlan, patients: frozenset[int], at: datetime) -> None:
        """The patients of a private plan are these; those frozen before stay."""
        freeze_patients(self._connection, plan, patients, at)


class WallUnit:
    """Implements `SendUnit`, `DecisionUnit`, `StopUnit` and `StoredAnswers`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def sending(self) -> Iterator[WallSending]:
        """One transaction: everything in it holds, or nothing."""
        with writing(self._engine) as connection:
            head = connection.execute(select(ledger_head).with_for_update()).one()
            yield WallSending(connection, Head(head.number, head.hash))

    @contextmanager
    def deciding(self) -> Iterator[WallSending]:
        """One transaction: everything in it holds, or nothing."""
        with self.sending() as door:
            yield door

    def answer_to(self, asked: Asked) -> bytes | None:
        """The bytes released for this exchange. Raises: AnswerEmptied when they are no longer kept."""
        with reading(self._engine) as connection:
            return _answered(connection, asked)


def _answered(connection: Connection, asked: Asked) -> bytes | None:
    row = connection.execute(select(outbox.c.sealed, outbox.c.emptied_at).where(_answers(asked))).one_or_none()
    if row is None:
        return None
    if row.emptied_at is not None:
        raise AnswerEmptied("the bytes that answered this exchange are no longer kept")
    sealed: bytes = row.sealed
    return sealed


def _answers(asked: Asked) -> ColumnElement[bool]:
    return and_(
        outbox.c.plan_id == asked.plan_id,
        outbox.c.run_id == asked.run_id,
        outbox.c.exchange == asked.exchange.value,
        outbox.c.round == asked.round,
        outbox.c.attempt == asked.attempt,
    )
