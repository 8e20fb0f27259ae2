"""Roster versions and this hospital's words on others' keys, in `wall.db`; a word and its send are one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from node.ground.audit import AuditEvent
from node.release.ledger import Head
from node.release.peers import Comparison, PeerWord, opened_roster
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_roster_tables import peer_comparison, peer_word, roster_version
from node.storage.wall_send import WallSending
from node.storage.wall_tables import audit, ledger_head
from protocols.roster import Roster
from protocols.signing import PublicIdentity


class WallVouching(WallSending):
    """Implements `Vouching` on one open transaction."""

    def keep_word(self, word: PeerWord, event: AuditEvent) -> None:
        """The word stands, in place of an earlier one on the same key; the comparison is over."""
        self._forget(word.peer_site_id, word.peer_key)
        self._insert(word)
        over = peer_comparison.c.peer_site_id == word.peer_site_id
        self._connection.execute(delete(peer_comparison).where(over))
        record(self._connection, audit, event)

    def take_back(self, word: PeerWord, at: datetime, event: AuditEvent) -> None:
        """The word is taken back; one that was never given stands as taken back from now on."""
        this = (peer_word.c.peer_site_id == word.peer_site_id, peer_word.c.peer_key_hex == word.peer_key.hex())
        if not self._connection.execute(update(peer_word).where(*this).values(revoked_at=at)).rowcount:
            self._insert(replace(word, revoked_at=at))
        record(self._connection, audit, event)

    def _insert(self, word: PeerWord) -> None:
        self._connection.execute(
            insert(peer_word).values(
                peer_site_id=word.peer_site_id,
                peer_key_hex=word.peer_key.hex(),
                sealed=word.sealed,
                signed_at=word.signed_at,
                revoked_at=word.revoked_at,
            )
        )

    def _forget(self, site_id: str, key: bytes) -> None:
        this = (peer_word.c.peer_site_id == site_id, peer_word.c.peer_key_hex == key.hex())
        self._connection.execute(delete(peer_word).where(*this))


class WallPeers:
    """Implements `RosterBook` and `PeerStore`."""

    def __init__(self, engine: Engine, coordinator: PublicIdentity) -> None:
        self._engine = engine
        self._coordinator = coordinator

    def last(self) -> Roster | None:
        """The latest version this node took. Raises: RosterRefused when it is not this coordinator's."""
        latest = select(roster_version.c.sealed).order_by(roster_version.c.number.desc()).limit(1)
        with reading(self._engine) as connection:
            sealed: bytes | None = connection.scalar(latest)
        return None if sealed is None else opened_roster(sealed, self._coordinator)

    def keep(self, roster: Roster, sealed: bytes, event: AuditEvent) -> None:
        """The version is the latest; versions before it stay."""
        with writing(self._engine) as connection:
            row = {"number": roster.number, "sealed": sealed, "received_at": event.at}
            connection.execute(insert(roster_version).values(**row))
            record(connection, audit, event)

    def words(self) -> list[PeerWord]:
        """This hospital's words, by site and moment."""
        columns = peer_word.c
        with reading(self._engine) as connection:
            rows = connection.execute(select(peer_word).order_by(columns.peer_site_id, columns.signed_at)).all()
        return [
            PeerWord(row.peer_site_id, bytes.fromhex(row.peer_key_hex), row.sealed, row.signed_at, row.revoked_at)
            for row in rows
        ]

    def comparison(self, site_id: str) -> Comparison | None:
        """The comparison with a site that is under way."""
        with reading(self._engine) as connection:
            found = select(peer_comparison).where(peer_comparison.c.peer_site_id == site_id)
            row = connection.execute(found).one_or_none()
        if row is None:
            return None
        return Comparison(row.peer_site_id, row.peer_key, row.nonce, row.began, row.begun_at)

    def compare(self, comparison: Comparison, event: AuditEvent) -> None:
        """The comparison is under way, in place of an earlier one with the site."""
        with writing(self._engine) as connection:
            same = peer_comparison.c.peer_site_id == comparison.peer_site_id
            connection.execute(delete(peer_comparison).where(same))
            connection.execute(
                insert(peer_comparison).values(
                    peer_site_id=comparison.peer_site_id,
                    peer_key=comparison.peer_key,
                    nonce=comparison.nonce,
                    began=comparison.began,
                    begun_at=comparison.begun_at,
                )
            )
            record(connection, audit, event)

    @contextmanager
    def vouching(self) -> Iterator[WallVouching]:
        """One transaction: everything in it holds, or nothing."""
        with writing(self._engine) as connection:
            head = connection.execute(select(ledger_head).with_for_update()).one()
            yield WallVouching(connection, Head(head.number, head.hash))
