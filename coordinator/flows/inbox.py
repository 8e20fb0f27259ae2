"""A site's inbox: everything the coordinator has for it at one moment, sealed, and bounded in size."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from coordinator.flows.books import Books, UnitOfWork
from coordinator.ground.face import Face
from coordinator.membership.site import Site
from coordinator.offers.offer import Offer
from coordinator.rounds.run import Run
from protocols.encoding import encode
from protocols.enrolment import EnrolmentState
from protocols.inbox import Inbox, RunNotice, RunState
from protocols.signing import Purpose, seal

RECEIPTS_MAX = 500
RECEIPT_DAYS = 14
OFFERS_MAX_BYTES = 480_000
"""Together they stay below the header bound of a frame, also in base64."""
_RUNS_MAX = 200


def make_inbox(work: UnitOfWork, face: Face, site: Site, *, since: datetime | None, now: datetime) -> bytes:
    """The sealed inbox of a site. `since` leaves out older receipts; without it the last 14 days are shown.

    A site that is not admitted sees its state and its receipts, no offer and no run.
    """
    oldest = since or now - timedelta(days=RECEIPT_DAYS)
    with work.reading() as books:
        receipts = books.receipts.latest(site.site_id, since=oldest, limit=RECEIPTS_MAX)
        admitted = site.state is EnrolmentState.ADMITTED
        offers = tuple(_bounded(_open_offers(books, now))) if admitted else ()
        runs = _notices(books, site) if admitted else ()
    inbox = Inbox(
        site_id=site.site_id,
        state=site.shown_state,
        sealed_offers=tuple(offer.sealed_offer for offer in offers),
        sealed_receipts=tuple(receipt.sealed for receipt in receipts),
        runs=runs,
        made_at=now,
    )
    return seal(encode(inbox), face.identity, Purpose.INBOX)


def _open_offers(books: Books, now: datetime) -> Iterable[Offer]:
    done = {run.plan_id for run in books.runs.all() if run.state is RunState.FINISHED}
    return (offer for offer in books.plans.all() if now < offer.expires_at and offer.plan_id not in done)


def _bounded(offers: Iterable[Offer]) -> Iterable[Offer]:
    taken = 0
    for offer in offers:
        taken += len(offer.sealed_offer)
        if taken > OFFERS_MAX_BYTES:
            return
        yield offer


def _notices(books: Books, site: Site) -> tuple[RunNotice, ...]:
    concerned = [run for run in books.runs.all() if _approved(books, run, site)]
    return tuple(
        RunNotice(run_id=run.run_id, plan_id=run.plan_id, state=run.state, rounds_done=run.rounds_done)
        for run in concerned[:_RUNS_MAX]
    )


def _approved(books: Books, run: Run, site: Site) -> bool:
    return any(approval.site_id == site.site_id for approval in books.approvals.of_plan(run.plan_id))
