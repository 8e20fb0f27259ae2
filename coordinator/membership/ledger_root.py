"""Daily roots of a site's ledger: which one is countersigned, and what stays as evidence of one that does not follow.

The coordinator never sees a ledger, only roots. A root counts once it is sealed by the site, its day is over by the
coordinator's own clock, and it follows the root held. One that does not is refused and kept, sealed as it came: two
sealed roots of one day are the site's own proof that its ledger was rewritten.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coordinator.ground.errors import CoordinatorError
from coordinator.membership.site import Site
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.ledger_roots import (
    ROOT_BYTES_MAX,
    LedgerRoot,
    RootBroken,
    RootFault,
    check_follows,
    day_end,
)
from protocols.signing import Purpose, unseal

CLOCK_TOLERANCE = timedelta(minutes=5)
EVIDENCE = frozenset({RootFault.TWO_ROOTS, RootFault.UNLINKED, RootFault.SHORTENED})
"""The faults that an honest ledger, kept and restored with care, never has; the first of each is kept."""


class RootRefused(CoordinatorError):
    """A daily root that is not countersigned; `fault` says why."""

    def __init__(self, fault: RootFault) -> None:
        super().__init__(f"the daily root is refused: {fault.value}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class HeldRoot:
    """A countersigned root of one site's day."""

    site_id: str
    day: date
    sent_sha256: str
    sealed: bytes
    sealed_witness: bytes
    witnessed_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedRoot:
    """A sealed root that does not follow the one held: evidence against the site's node."""

    site_id: str
    fault: RootFault
    day: date
    sealed: bytes
    received_at: datetime


def sent_digest(sealed: bytes) -> str:
    """How the very bytes are known again."""
    return hashlib.sha256(sealed).hexdigest()


def read_root(sealed: bytes, site: Site) -> LedgerRoot:
    """The root of sealed bytes.

    Raises:
        RootRefused: not this site's, or no root.
    """
    try:
        root, blob = decode(unseal(sealed, site.identity, Purpose.LEDGER_ROOT), LedgerRoot, max_bytes=ROOT_BYTES_MAX)
    except (SignatureRefused, FrameRefused):
        raise RootRefused(RootFault.UNREADABLE) from None
    if blob or root.site_id != site.site_id:
        raise RootRefused(RootFault.UNREADABLE)
    return root


def check_next(root: LedgerRoot, held: HeldRoot | None, site: Site, *, now: datetime) -> None:
    """Return when the root is of a day that is over and follows the one held.

    Raises:
        RootRefused: it does not.
    """
    if day_end(root.day) > now + CLOCK_TOLERANCE:
        raise RootRefused(RootFault.NOT_OVER)
    try:
        check_follows(root, None if held is None else read_root(held.sealed, site))
    except RootBroken as broken:
        raise RootRefused(broken.fault) from None
