"""The ports of storage: one book per subject, all of them open in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coordinator.ground.audit import AuditEvent
from coordinator.membership.invitation import IssuedInvitation
from coordinator.membership.ledger_root import HeldRoot, RefusedRoot
from coordinator.membership.partner import Partner
from coordinator.membership.roster import Rosters
from coordinator.membership.site import Site
from coordinator.offers.approval import HeldApproval
from coordinator.offers.offer import Offer
from coordinator.publication.release import Release
from coordinator.rounds.run import Answer, Measurement, RoundAttempt, Run
from protocols.ledger_roots import RootFault


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """The coordinator's word for bytes of one site."""

    site_id: str
    sent_sha256: str
    received_at: datetime
    sealed: bytes


class Invitations(Protocol):
    """Invitations by the digest of their token."""

    def add(self, invitation: IssuedInvitation, event: AuditEvent) -> None:
        """The invitation is kept."""
        ...

    def find(self, token_sha256: str) -> IssuedInvitation | None:
        """The invitation, or none."""
        ...

    def mark_used(self, token_sha256: str, site_id: str, event: AuditEvent) -> None:
        """The invitation is used by this site."""
        ...


class Sites(Protocol):
    """Sites, removed ones too."""

    def add(self, site: Site, event: AuditEvent) -> None:
        """The site is kept."""
        ...

    def save(self, site: Site, event: AuditEvent) -> None:
        """The site is as given."""
        ...

    def all(self) -> tuple[Site, ...]:
        """Every site, the first to enrol first."""
        ...


class Partners(Protocol):
    """Partners."""

    def add(self, partner: Partner, event: AuditEvent) -> None:
        """The partner is kept."""
        ...

    def all(self) -> tuple[Partner, ...]:
        """Every partner, the first first."""
        ...


class Plans(Protocol):
    """Offers by their plan."""

    def add(self, offer: Offer, event: AuditEvent) -> None:
        """The offer is kept."""
        ...

    def find(self, plan_id: str) -> Offer | None:
        """The offer, or none."""
        ...

    def all(self) -> tuple[Offer, ...]:
        """Every offer, the latest first."""
        ...


class Approvals(Protocol):
    """Approvals, withdrawn ones too."""

    def add(self, approval: HeldApproval, event: AuditEvent) -> None:
        """The approval is kept."""
        ...

    def save(self, approval: HeldApproval, event: AuditEvent) -> None:
        """The approval is as given."""
        ...

    def find(self, approval_id: str) -> HeldApproval | None:
        """The approval, or none."""
        ...

    def of_plan(self, plan_id: str) -> tuple[HeldApproval, ...]:
        """Every approval of a plan, the first first."""
        ...


class Runs(Protocol):
    """Runs; at most one of a plan is live."""

    def add(self, run: Run, event: AuditEvent) -> None:
        """The run is kept. Raises: RunIsLive when another run of its plan is."""
        ...

    def save(self, run: Run, event: AuditEvent) -> None:
        """The run is as given."""
        ...

    def find(self, run_id: str) -> Run | None:
        """The run, or none."""
        ...

    def all(self) -> tuple[Run, ...]:
        """Every run, the latest first."""
        ...

    def members(self, run_id: str) -> tuple[str, ...]:
        """The sites a secure run began with, ascending; none before they were fixed."""
        ...

    def fix_members(self, run_id: str, site_ids: Iterable[str], event: AuditEvent) -> None:
        """These are the run's members until it ends."""
        ...


class Rounds(Protocol):
    """Attempts at rounds."""

    def add(self, attempt: RoundAttempt, event: AuditEvent) -> None:
        """The attempt is kept."""
        ...

    def save(self, attempt: RoundAttempt, event: AuditEvent) -> None:
        """The attempt is as given."""
        ...

    def of_run(self, run_id: str) -> tuple[RoundAttempt, ...]:
        """Every attempt of a run, by round and attempt."""
        ...


class Answers(Protocol):
    """What sites answered and measured; written once, never changed."""

    def add(self, answers: Iterable[Answer], measurements: Iterable[Measurement]) -> None:
        """Answers and measurements are kept."""
        ...

    def of_run(self, run_id: str) -> tuple[Answer, ...]:
        """Every answer in a run, in the order they were kept."""
        ...

    def measurements(self, run_id: str) -> tuple[Measurement, ...]:
        """Every measurement in a run, in the order they were kept."""
        ...


class Receipts(Protocol):
    """Receipts for what sites sent."""

    def add(self, receipt: HeldReceipt) -> None:
        """The receipt is kept."""
        ...

    def find(self, site_id: str, sent_sha256: str) -> HeldReceipt | None:
        """The receipt for these bytes of this site, or none."""
        ...

    def latest(self, site_id: str, *, since: datetime, limit: int) -> tuple[HeldReceipt, ...]:
        """The site's latest receipts from that moment on, the latest first."""
        ...


class Roots(Protocol):
    """Daily roots of sites' ledgers."""

    def add(self, root: HeldRoot, event: AuditEvent) -> None:
        """The root and its witness are kept."""
        ...

    def find(self, site_id: str, sent_sha256: str) -> HeldRoot | None:
        """The root that came as exactly these bytes, or none."""
        ...

    def latest(self, site_id: str) -> HeldRoot | None:
        """The site's latest root, or none."""
        ...

    def refuse(self, root: RefusedRoot, event: AuditEvent) -> None:
        """The refused root is kept as evidence."""
        ...

    def refused(self, site_id: str, fault: RootFault) -> RefusedRoot | None:
        """The first refused root of this fault of the site, or none."""
        ...

    def evidence(self) -> tuple[RefusedRoot, ...]:
        """Every refused root that is kept, the first to come first."""
        ...


class Releases(Protocol):
    """Published models."""

    def add(self, release: Release, event: AuditEvent) -> None:
        """The release is kept."""
        ...

    def all(self) -> tuple[Release, ...]:
        """Every release, the latest first."""
        ...


class SignIns(Protocol):
    """One-time codes and sessions of the operator, by digest."""

    def add_code(self, code_sha256: str, expires_at: datetime, event: AuditEvent) -> None:
        """The code can be used once."""
        ...

    def take_code(self, code_sha256: str, *, now: datetime) -> bool:
        """Whether the code was good; it is not any more."""
        ...

    def add_session(self, token_sha256: str, expires_at: datetime, event: AuditEvent) -> None:
        """The session is open."""
        ...

    def session_open(self, token_sha256: str, *, now: datetime) -> bool:
        """Whether the session is open."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """Every book, open in one transaction."""

    invitations: Invitations
    sites: Sites
    partners: Partners
    plans: Plans
    approvals: Approvals
    runs: Runs
    rounds: Rounds
    answers: Answers
    receipts: Receipts
    roots: Roots
    rosters: Rosters
    releases: Releases
    sign_ins: SignIns


class UnitOfWork(Protocol):
    """Transactions over all books; writing ones come one after another."""

    def writing(self) -> AbstractContextManager[Books]:
        """Books whose changes are kept at the end, or undone together on any error."""
        ...

    def reading(self) -> AbstractContextManager[Books]:
        """Books as they stand at one moment."""
        ...
