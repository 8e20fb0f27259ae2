"""What left, how the line stands and what was found, as people see it."""

from __future__ import annotations

from node.flows.desk_ports import Contact, HeldVerdict, LedgerBook, RootsSeen
from node.flows.ledger_views import LedgerCheck, LedgerRowView, RootView
from node.flows.plan_views import run_view
from node.flows.wall_views import FederationView, VerdictView, Words
from node.ground.membership import Membership
from node.ground.texts import Language, text
from node.release.ledger import verify_stored
from node.release.outbox import LedgerRow
from node.release.root_file import root_document
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice
from protocols.receipts import LedgerBroken


def ledger_row_view(row: LedgerRow) -> LedgerRowView:
    """One message that left."""
    entry = row.entry
    return LedgerRowView(
        **entry.model_dump(exclude={"previous_hash", "update_histogram"}),
        update_histogram=None if entry.update_histogram is None else list(entry.update_histogram),
        entry_hash=row.entry_hash,
        passage=row.passage,
        receipt_at=row.receipt_at,
        emptied_at=row.emptied_at,
    )


def ledger_check(book: LedgerBook) -> LedgerCheck:
    """Whether the whole chain holds, up to the last entry that was ever written."""
    head = book.head()
    try:
        entries = verify_stored(book.stored(head.number), head)
    except LedgerBroken as broken:
        fault = _words(f"ledger_fault_{broken.fault}")
        return LedgerCheck(entries=head.number, holds=False, broken_entry=broken.number, fault=fault)
    return LedgerCheck(entries=entries, holds=True, broken_entry=None, fault=None)


def latest_root(roots: RootsSeen) -> RootView | None:
    """The latest daily root, as the file that is kept of it."""
    held = roots.of_day(None)
    return None if held is None else RootView.model_validate(root_document(held))


def federation_view(
    membership: Membership | None, own_fingerprint: str, contact: Contact, *, runs: list[RunNotice], waiting: int
) -> FederationView:
    """Whether and how this node belongs to a federation."""
    return FederationView(
        joined=membership is not None,
        site_id=None if membership is None else membership.site_id,
        coordinator_name=None if membership is None else membership.coordinator_name,
        coordinator_fingerprint=None if membership is None else membership.coordinator.fingerprint,
        own_fingerprint=own_fingerprint,
        enrolment=contact.enrolment,
        reached_at=contact.reached_at,
        failing_since=contact.failing_since,
        failures=contact.failures,
        problem=contact.problem,
        waiting_to_send=waiting,
        summary=_summary(membership is not None, contact),
        runs=[run_view(run) for run in runs],
    )


def verdict_view(held: HeldVerdict) -> VerdictView:
    """Whether the shared model of a run serves this hospital better than its own."""
    verdict = held.verdict
    compared = None if verdict is None else verdict.comparison
    return VerdictView(
        run_id=held.run_id,
        plan_id=held.plan_id,
        state=held.state,
        asked_at=held.asked_at,
        reached_at=held.reached_at,
        benefit=None if verdict is None else verdict.benefit,
        reason=None if verdict is None else verdict.reason,
        cases=None if verdict is None else verdict.cases,
        patients=None if verdict is None else verdict.patients,
        own_auc=None if compared is None else compared.own_auc,
        federated_auc=None if compared is None else compared.federated_auc,
        low=None if compared is None else compared.low,
        high=None if compared is None else compared.high,
        smallest_detectable=None if compared is None else compared.smallest_detectable,
    )


def _summary(joined: bool, contact: Contact) -> Words:
    fields: dict[str, object] = {}
    if not joined:
        key = "state_not_joined"
    elif contact.failures and contact.reached_at is None:
        key = "state_never_reached"
    elif contact.failures and contact.failing_since is not None:
        key, fields = "state_unreachable", {"since": contact.failing_since.strftime("%Y-%m-%d %H:%M UTC")}
    elif contact.enrolment is EnrolmentState.REMOVED:
        key = "state_removed"
    elif contact.enrolment is EnrolmentState.ADMITTED:
        key = "state_admitted"
    else:
        key = "state_waiting"
    return _words(key, **fields)


def _words(key: str, **fields: object) -> Words:
    return Words(en=text(f"release.{key}", Language.EN, **fields), ko=text(f"release.{key}", Language.KO, **fields))
