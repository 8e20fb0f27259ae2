"""What the coordinator has for this site, and what this site still has for the coordinator.

Every sealed thing in the inbox is opened by itself: one that does not hold is counted, logged and left out, the others
are taken. Receipts for bytes this node never sent are ignored. A line that is down is a state with a moment, not an
error; what waits stays in the outbox and is sent again with growing pauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from node.flows.coordinator_line import CoordinatorLine, CoordinatorRefused, CoordinatorUnreachable
from node.flows.plan_book import PlanBook
from node.flows.send import OwnSite
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.clock import Clock
from node.ground.errors import NodeError
from node.ground.logs import log
from node.release.offers import OfferRefused, open_offer
from node.release.outbox import News
from protocols.encoding import decode
from protocols.enrolment import EnrolmentState
from protocols.errors import FrameRefused, SignatureRefused
from protocols.inbox import Inbox, RunNotice
from protocols.receipts import Channel, Receipt
from protocols.signing import Purpose, unseal

INBOX_BYTES_MAX = 64 * 1_048_576
LONGEST_PAUSE_SECONDS = 300.0
RECEIPT_WAIT = timedelta(minutes=10)
"""How long bytes handed to Flower may be without a receipt before their journey counts as unknown."""

COORDINATOR = Actor(ActorKind.COORDINATOR, "coordinator")


class InboxRefused(NodeError):
    """What came is not this site's inbox, sealed by its coordinator."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A parcel for the coordinator's interface that no receipt has come for."""

    sent_sha256: str
    message_kind: str
    sealed: bytes


class Outbox(Protocol):
    """Parcels and what is known of their journeys."""

    def waiting(self) -> list[Waiting]:
        """Approvals and withdrawals without a receipt, oldest first."""
        ...

    def tell(self, sent_sha256: str, news: News, at: datetime, *, sealed_receipt: bytes | None = None) -> bool:
        """The parcel's passage follows the news; False when there is no such parcel."""
        ...

    def quiet_since(self, moment: datetime, channel: Channel) -> list[str]:
        """Parcels of a channel released before the moment, of which nothing was heard."""
        ...


class ContactBook(Protocol):
    """How the line and the runs stand."""

    def reached(self, state: EnrolmentState, runs: tuple[RunNotice, ...], at: datetime) -> None:
        """The coordinator answered; its word on this site and its runs is kept."""
        ...

    def missed(self, problem: str, at: datetime) -> int:
        """The coordinator did not answer, for such a problem; how many times in a row."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """What the mail round needs."""

    site: OwnSite
    line: CoordinatorLine
    plans: PlanBook
    outbox: Outbox
    contact: ContactBook
    clock: Clock


def mail_round(mail: Mail, *, base_seconds: float) -> float:
    """The inbox was fetched and what waits was offered again; the seconds until the next time."""
    try:
        inbox = open_inbox(mail.line.inbox(), mail.site)
        take(inbox, mail)
        deliver_waiting(mail)
    except CoordinatorUnreachable:
        return _missed(mail, "unreachable", base_seconds)
    except CoordinatorRefused as refusal:
        return _missed(mail, refusal.code, base_seconds)
    except InboxRefused:
        return _missed(mail, "inbox-refused", base_seconds)
    return base_seconds


def pause_seconds(failures: int, base_seconds: float) -> float:
    """The pause after so many failures in a row: doubled each time, up to five minutes."""
    return float(max(base_seconds, min(LONGEST_PAUSE_SECONDS, base_seconds * 2.0 ** min(failures, 20))))


def open_inbox(sealed: bytes, site: OwnSite) -> Inbox:
    """The inbox.

    Raises:
        InboxRefused: sealed by another key, for another site, or no inbox.
    """
    try:
        frame = unseal(sealed, site.coordinator, Purpose.INBOX)
        inbox, blob = decode(frame, Inbox, max_bytes=INBOX_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise InboxRefused(str(reason)) from None
    if blob or inbox.site_id != site.site_id:
        raise InboxRefused("the inbox is another site's")
    return inbox


def take(inbox: Inbox, mail: Mail) -> None:
    """Offers, receipts and the state of runs are kept; whatever does not hold is left out."""
    for sealed in inbox.sealed_offers:
        take_offer(sealed, mail)
    for sealed in inbox.sealed_receipts:
        take_receipt(sealed, mail)
    now = mail.clock.now()
    for sent_sha256 in mail.outbox.quiet_since(now - RECEIPT_WAIT, Channel.FLEET):
        mail.outbox.tell(sent_sha256, News.SILENCE, now)
    mail.contact.reached(inbox.state, inbox.runs, now)


def take_offer(sealed: bytes, mail: Mail) -> bool:
    """Whether the offer is one of this coordinator's; then it is kept."""
    try:
        offered = open_offer(sealed, mail.site.coordinator)
    except OfferRefused:
        log().warning("offer refused", reason="seal or content")
        return False
    event = AuditEvent(
        at=mail.clock.now(), actor=COORDINATOR, action="plan.offered", subject=f"plan:{offered.plan.plan_id}"
    )
    if mail.plans.keep(offered, sealed, event):
        log().info("plan offered", plan_id=offered.plan.plan_id)
    return True


def take_receipt(sealed: bytes, mail: Mail) -> bool:
    """Whether the receipt is for bytes this node sent; then they are delivered."""
    try:
        receipt, blob = decode(unseal(sealed, mail.site.coordinator, Purpose.RECEIPT), Receipt, max_bytes=65_536)
    except (SignatureRefused, FrameRefused):
        log().warning("receipt refused", reason="seal or content")
        return False
    known = not blob and receipt.site_id == mail.site.site_id
    if known:
        known = mail.outbox.tell(receipt.sent_sha256, News.RECEIPT, receipt.received_at, sealed_receipt=sealed)
    if not known:
        log().warning("receipt ignored", reason="unknown bytes")
    return known


def deliver_waiting(mail: Mail) -> int:
    """How many waiting parcels the coordinator gave a receipt for; a refused one does not hold up the others.

    Raises:
        CoordinatorUnreachable: the line broke; what was not delivered waits.
    """
    delivered = 0
    for parcel in mail.outbox.waiting():
        try:
            delivered += take_receipt(mail.line.deliver(parcel.message_kind, parcel.sealed), mail)
        except CoordinatorUnreachable as lost:
            if lost.sent:
                mail.outbox.tell(parcel.sent_sha256, News.SILENCE, mail.clock.now())
            raise
        except CoordinatorRefused as refusal:
            log().warning("delivery refused", kind=parcel.message_kind, code=refusal.code, status=refusal.status)
    return delivered


def _missed(mail: Mail, problem: str, base_seconds: float) -> float:
    failures = mail.contact.missed(problem, mail.clock.now())
    log().warning("coordinator missed", reason=problem, count=failures)
    return pause_seconds(failures, base_seconds)
