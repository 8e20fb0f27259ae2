"""Reading what left: ledger pages, the outbox and its news, in `wall.db`. Nothing here writes an entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine, func, select, update

from node.flows.inbox import Waiting
from node.release.ledger import Head, read_entry
from node.release.outbox import LedgerRow, News, Passage, after
from node.storage.engine import reading, writing
from node.storage.wall_tables import ledger_entry, ledger_head, outbox
from protocols.approvals import Approval, Withdrawal
from protocols.enrolment import EnrolmentRequest
from protocols.receipts import Channel, LedgerBroken
from protocols.roster import PeerKey, PeerKeyRevocation

_PAGE_ENTRIES = 500
_BY_INTERFACE = (Approval.kind, Withdrawal.kind, PeerKey.kind, PeerKeyRevocation.kind)


class WallLedger:
    """Implements `LedgerBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, after_number: int, limit: int) -> list[LedgerRow]:
        """The entries after a number, in order; it ends before an entry that cannot be read."""
        found = (
            select(ledger_entry, outbox.c.passage, outbox.c.receipt_at, outbox.c.emptied_at)
            .join(outbox, outbox.c.sent_sha256 == ledger_entry.c.sent_sha256, isouter=True)
            .where(ledger_entry.c.number > after_number)
            .order_by(ledger_entry.c.number)
            .limit(limit)
        )
        rows: list[LedgerRow] = []
        with reading(self._engine) as connection:
            for row in connection.execute(found):
                try:
                    entry = read_entry(row.number, row.body)
                except LedgerBroken:
                    break
                passage = Passage(row.passage or Passage.UNKNOWN)
                rows.append(LedgerRow(entry, row.hash, passage, row.receipt_at, row.emptied_at))
        return rows

    def stored(self, until: int) -> Iterator[tuple[str, str]]:
        """Every entry's stored text and hash up to a number, in order; no transaction stays open between pages."""
        done = 0
        while done < until and (page := self.lines(done, min(_PAGE_ENTRIES, until - done))):
            yield from page
            done += len(page)

    def lines(self, after_number: int, limit: int) -> list[tuple[str, str]]:
        """Stored texts and hashes after a number, for an export."""
        found = select(ledger_entry.c.body, ledger_entry.c.hash).order_by(ledger_entry.c.number)
        with reading(self._engine) as connection:
            rows = connection.execute(found.where(ledger_entry.c.number > after_number).limit(limit))
            return [(row.body, row.hash) for row in rows]

    def head(self) -> Head:
        """What was written last."""
        with reading(self._engine) as connection:
            row = connection.execute(select(ledger_head)).one()
            return Head(row.number, row.hash)


class WallOutbox:
    """Implements `Outbox`, `OutboxSeen` and `EnrolmentRequests`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def waiting(self) -> list[Waiting]:
        """Approvals and withdrawals without a receipt, oldest first."""
        found = (
            select(outbox.c.sent_sha256, outbox.c.message_kind, outbox.c.sealed)
            .join(ledger_entry, ledger_entry.c.sent_sha256 == outbox.c.sent_sha256)
            .where(outbox.c.message_kind.in_(_BY_INTERFACE), outbox.c.passage != Passage.DELIVERED.value)
            .order_by(ledger_entry.c.number)
        )
        with reading(self._engine) as connection:
            return [Waiting(row.sent_sha256, row.message_kind, row.sealed) for row in connection.execute(found)]

    def enrolment_requests(self) -> list[bytes]:
        """Requests to join that were released and are still kept, the latest first."""
        found = select(outbox.c.sealed).where(
            outbox.c.message_kind == EnrolmentRequest.kind, outbox.c.emptied_at.is_(None)
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(found.order_by(outbox.c.released_at.desc())))

    def tell(self, sent_sha256: str, news: News, at: datetime, *, sealed_receipt: bytes | None = None) -> bool:
        """The parcel's passage follows the news; False when there is no such parcel."""
        found = outbox.c.sent_sha256 == sent_sha256
        with writing(self._engine) as connection:
            before = connection.scalar(select(outbox.c.passage).where(found).with_for_update())
            if before is None:
                return False
            passage = after(Passage(before), news)
            values: dict[str, object] = {"passage": passage.value}
            if news is News.RECEIPT and Passage(before) is not Passage.DELIVERED:
                values |= {"receipt_at": at, "sealed_receipt": sealed_receipt}
            connection.execute(update(outbox).where(found).values(**values))
            return True

    def quiet_since(self, moment: datetime, channel: Channel) -> list[str]:
        """Parcels of a channel released before the moment, of which nothing was heard."""
        found = select(outbox.c.sent_sha256).where(
            outbox.c.passage == Passage.RELEASED.value,
            outbox.c.channel == channel.value,
            outbox.c.released_at < moment,
        )
        with reading(self._engine) as connection:
            return list(connection.scalars(found))

    def undelivered(self) -> int:
        """How many approvals and withdrawals wait for a receipt."""
        found = outbox.c.message_kind.in_(_BY_INTERFACE) & (outbox.c.passage != Passage.DELIVERED.value)
        with reading(self._engine) as connection:
            return connection.scalar(select(func.count()).select_from(outbox).where(found)) or 0
