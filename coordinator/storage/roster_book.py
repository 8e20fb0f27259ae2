"""The book of the roster: its versions, and what sites said of each other's keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, update

from coordinator.ground.audit import AuditEvent
from coordinator.membership.roster import HeldRoster, PeerWord
from coordinator.storage import tables
from coordinator.storage.rows import keep, of, record, values


class RosterBook:
    """The roster."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> HeldRoster | None:
        """The latest version, or none."""
        version = tables.roster_version
        query = of(HeldRoster, version).order_by(version.c.number.desc()).limit(1)
        return next(iter(values(self._connection, HeldRoster, query)), None)

    def find(self, number: int) -> HeldRoster | None:
        """The version of this number, or none."""
        version = tables.roster_version
        query = of(HeldRoster, version).where(version.c.number == number)
        return next(iter(values(self._connection, HeldRoster, query)), None)

    def add(self, roster: HeldRoster, event: AuditEvent) -> None:
        """The version is kept."""
        keep(self._connection, tables.roster_version, roster)
        record(self._connection, event)

    def words(self) -> tuple[PeerWord, ...]:
        """Every word, those taken back too, the oldest first."""
        word = tables.peer_word
        query = of(PeerWord, word).order_by(word.c.said_at, word.c.signer_site_id, word.c.peer_site_id)
        return values(self._connection, PeerWord, query)

    def say(self, word: PeerWord, event: AuditEvent) -> None:
        """The word stands, in place of an earlier one of the signer on the same key."""
        said = tables.peer_word.c
        same = said.signer_site_id == word.signer_site_id, said.peer_site_id == word.peer_site_id
        self._connection.execute(delete(tables.peer_word).where(*same, said.peer_key == word.peer_key))
        keep(self._connection, tables.peer_word, word)
        record(self._connection, event)

    def take_back(self, signer: str, named: tuple[str, bytes], at: datetime, event: AuditEvent) -> None:
        """The signer's word on this site and key is taken back."""
        said = tables.peer_word.c
        this = said.signer_site_id == signer, said.peer_site_id == named[0], said.peer_key == named[1]
        self._connection.execute(update(tables.peer_word).where(*this).values(revoked_at=at))
        record(self._connection, event)
