"""Receipts: the coordinator's signed word that it holds bytes of a site. The same bytes get the same receipt again."""

from __future__ import annotations

import hashlib
from datetime import datetime

from coordinator.flows.books import Books, HeldReceipt
from protocols.encoding import encode
from protocols.receipts import Receipt
from protocols.signing import Identity, Purpose, seal


def earlier_receipt(books: Books, site_id: str, sent: bytes) -> bytes | None:
    """The sealed receipt these bytes got before, or none."""
    held = books.receipts.find(site_id, hashlib.sha256(sent).hexdigest())
    return None if held is None else held.sealed


def receipt_for(books: Books, site_id: str, sent: bytes, identity: Identity, *, now: datetime) -> bytes:
    """The sealed receipt for bytes of this site, kept for its inbox."""
    earlier = earlier_receipt(books, site_id, sent)
    if earlier is not None:
        return earlier
    digest = hashlib.sha256(sent).hexdigest()
    receipt = Receipt(site_id=site_id, sent_sha256=digest, received_at=now)
    sealed = seal(encode(receipt), identity, Purpose.RECEIPT)
    books.receipts.add(HeldReceipt(site_id, digest, received_at=now, sealed=sealed))
    return sealed
