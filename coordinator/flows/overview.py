"""What the operator and the partner see: sites, plans, runs and releases as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.acceptance.pooled import pooled
from coordinator.flows.books import Books, UnitOfWork
from coordinator.flows.scene import ModelFiles
from coordinator.flows.start import ready_sites
from coordinator.ground.errors import CoordinatorError
from coordinator.membership.ledger_root import RefusedRoot
from coordinator.membership.partner import Partner
from coordinator.membership.site import Site
from coordinator.offers.offer import Offer
from coordinator.offers.plan import PlanUnknown
from coordinator.publication.release import Release
from coordinator.rounds.run import Answer, RoundAttempt, Run
from protocols.passports import PooledMetric


class ReleaseMissing(CoordinatorError):
    """The plan has no release yet."""


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan with where it stands."""

    offer: Offer
    partner_name: str
    ready: int
    """Sites that are admitted and whose approval is in force."""
    withdrawn: tuple[str, ...]
    """Reasons of withdrawals, as codes."""
    run: Run | None
    release: Release | None

    @property
    def state(self) -> str:
        """One word: offered, waiting, running, ended or released."""
        if self.release is not None:
            return "released"
        return "offered" if self.run is None else self.run.state.value


@dataclass(frozen=True, slots=True)
class RunView:
    """One run with its rounds, what each site answered, and the pooled figures of each round's model."""

    run: Run
    title_en: str
    title_ko: str
    rounds_planned: int
    attempts: tuple[RoundAttempt, ...]
    answers: tuple[Answer, ...]
    figures: dict[int, tuple[PooledMetric, ...]]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment."""

    sites: tuple[Site, ...]
    partners: tuple[Partner, ...]
    plans: tuple[PlanView, ...]
    runs: tuple[RunView, ...]
    releases: tuple[Release, ...]
    evidence: tuple[RefusedRoot, ...]
    """Daily roots that do not follow: their sites' ledgers were rewritten, or restored from an older backup."""


def overview(work: UnitOfWork, *, now: datetime) -> Overview:
    """The whole coordinator at one moment."""
    with work.reading() as books:
        return Overview(
            sites=books.sites.all(),
            partners=books.partners.all(),
            plans=tuple(_plan_view(books, offer, now) for offer in books.plans.all()),
            runs=tuple(_run_view(books, run) for run in books.runs.all()),
            releases=books.releases.all(),
            evidence=books.roots.evidence(),
        )


def partner_plan(work: UnitOfWork, partner: Partner, plan_id: str, *, now: datetime) -> PlanView:
    """A partner's own plan. Raises: PlanUnknown, also for a plan of another partner."""
    with work.reading() as books:
        offer = books.plans.find(plan_id)
        if offer is None or offer.partner_id != partner.partner_id:
            raise PlanUnknown(plan_id=plan_id)
        return _plan_view(books, offer, now)


def released_file(view: PlanView, models: ModelFiles) -> tuple[Release, bytes]:
    """The release of a plan and its file. Raises: ReleaseMissing."""
    release = view.release
    file = None if release is None else models.read_release(release.release_id)
    if release is None or file is None:
        raise ReleaseMissing(f"plan {view.offer.plan_id} has no release; it is {view.state}")
    return release, file


def _plan_view(books: Books, offer: Offer, now: datetime) -> PlanView:
    approvals = books.approvals.of_plan(offer.plan_id)
    names = {partner.partner_id: partner.partner_name for partner in books.partners.all()}
    return PlanView(
        offer=offer,
        partner_name=names.get(offer.partner_id, ""),
        ready=len(ready_sites(books, offer, now=now)),
        withdrawn=tuple(held.withdrawn_reason.value for held in approvals if held.withdrawn_reason is not None),
        run=next((run for run in books.runs.all() if run.plan_id == offer.plan_id), None),
        release=next((held for held in books.releases.all() if held.plan_id == offer.plan_id), None),
    )


def _run_view(books: Books, run: Run) -> RunView:
    offer = books.plans.find(run.plan_id)
    plan = None if offer is None else offer.plan
    measurements = books.answers.measurements(run.run_id)
    return RunView(
        run=run,
        title_en="" if plan is None else plan.title.en,
        title_ko="" if plan is None else plan.title.ko,
        rounds_planned=run.rounds_done if plan is None else plan.rounds,
        attempts=books.rounds.of_run(run.run_id),
        answers=books.answers.of_run(run.run_id),
        figures={number: pooled(measurements, round_number=number) for number in range(run.rounds_done + 1)},
    )
