"""What every unit of work over the coordinator's books does, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from factories import APPROVAL, DIGEST, NOW, PARTNER, PLAN, RELEASE, RUN, SITE, an_identity
from fakes.coordinator_world import TRANSPORT_PEM
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.exc import IntegrityError

from coordinator.flows.books import Books, HeldReceipt
from coordinator.ground.audit import OPERATOR, AuditEvent
from coordinator.membership.invitation import issue
from coordinator.membership.ledger_root import HeldRoot, RefusedRoot
from coordinator.membership.partner import Partner
from coordinator.membership.roster import HeldRoster, PeerWord
from coordinator.membership.site import Site
from coordinator.offers.approval import HeldApproval
from coordinator.offers.offer import Offer
from coordinator.publication.release import Release
from coordinator.rounds.run import Answer, Measurement, RoundAttempt, Run, Step, closed, ended, opened, taken_up
from coordinator.rounds.states import EndReason, RoundState
from coordinator.storage.engine import SCHEMA, open_engine
from coordinator.storage.migrate import check, upgrade
from coordinator.storage.tables import audit_event
from coordinator.storage.unit import StoredWork
from protocols.approvals import WithdrawalReason
from protocols.enrolment import EnrolmentState
from protocols.ledger_roots import RootFault
from protocols.passports import AttackLight
from protocols.plans import MetricName

EVENT = AuditEvent(NOW, OPERATOR, "test.kept", "test:1")
LATER = NOW + timedelta(hours=1)
SITE_KEY = an_identity(1).public.raw
A_SITE = Site(SITE, "병원", SITE_KEY, TRANSPORT_PEM, 1, EnrolmentState.WAITING, DIGEST, NOW, NOW, node_id=2**64 - 1)
A_PARTNER = Partner(PARTNER, "협력사", an_identity(2).public.raw, NOW)
AN_OFFER = Offer(PLAN, PARTNER, DIGEST, DIGEST, b"sealed", DIGEST, NOW, LATER)
AN_APPROVAL = HeldApproval(APPROVAL, SITE, PLAN, DIGEST, 3, 3, 100, True, NOW, LATER)
A_RUN = opened(RUN, PLAN, now=NOW)
AN_ATTEMPT = RoundAttempt(RUN, 1, 1, RoundState.OPEN, DIGEST, NOW)
OTHER = "99999999-9999-4999-8999-999999999999"
A_ROOT = HeldRoot(SITE, NOW.date(), DIGEST, b"root", b"witness", NOW)
A_REFUSED_ROOT = RefusedRoot(SITE, RootFault.TWO_ROOTS, NOW.date(), b"other", NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url: str | None = None
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
        server = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with server.begin() as connection:
            connection.execute(text(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE'))
        server.dispose()
    engine = open_engine(tmp_path, url)
    upgrade(engine)
    check(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def work(database: Engine) -> StoredWork:
    return StoredWork(database)


def keep_members_and_plan(books: Books) -> None:
    books.sites.add(A_SITE, EVENT)
    books.partners.add(A_PARTNER, EVENT)
    books.plans.add(AN_OFFER, EVENT)


def test_members_plans_and_approvals_come_back_as_they_were_kept(work: StoredWork) -> None:
    withdrawn = replace(AN_APPROVAL, withdrawn_at=LATER, withdrawn_reason=WithdrawalReason.IT_STOPPED)
    with work.writing() as books:
        keep_members_and_plan(books)
        books.approvals.add(AN_APPROVAL, EVENT)
    with work.reading() as books:
        assert books.sites.all() == (A_SITE,)
        assert books.partners.all() == (A_PARTNER,)
        assert books.plans.all() == (AN_OFFER,)
        assert books.plans.find(PLAN) == AN_OFFER
        assert books.approvals.find(APPROVAL) == AN_APPROVAL
        assert books.plans.find(OTHER) is None
    with work.writing() as books:
        books.approvals.save(withdrawn, EVENT)
        books.sites.save(replace(A_SITE, state=EnrolmentState.REMOVED, node_id=None), EVENT)
    with work.reading() as books:
        assert books.approvals.of_plan(PLAN) == (withdrawn,)
        assert books.sites.all()[0].state is EnrolmentState.REMOVED
        assert books.approvals.of_plan(OTHER) == ()


def test_an_invitation_is_kept_by_the_digest_of_its_token_and_marked_used(work: StoredWork) -> None:
    invitation = issue("t" * 43, "a", now=NOW, expires_at=LATER)
    with work.writing() as books:
        books.invitations.add(invitation, EVENT)
        books.invitations.mark_used(invitation.token_sha256, SITE, EVENT)
    with work.reading() as books:
        assert books.invitations.find(invitation.token_sha256) == replace(invitation, used_by=SITE)
        assert books.invitations.find(DIGEST) is None


def test_a_run_with_its_rounds_answers_and_measurements_comes_back(work: StoredWork) -> None:
    running = replace(taken_up(A_RUN), engine_run=2**64 - 1)
    done = closed(AN_ATTEMPT, DIGEST, sites=2, update_norm=0.5, now=LATER)
    answers = [Answer(RUN, Step.TRAIN, 1, 1, SITE, "accepted", NOW, weight=40, update_norm=0.25)]
    measured = [Measurement(RUN, 0, False, SITE, MetricName.VALIDATION_AUC, 0.5, 40)]
    with work.writing() as books:
        keep_members_and_plan(books)
        books.runs.add(A_RUN, EVENT)
        books.runs.save(running, EVENT)
        books.rounds.add(AN_ATTEMPT, EVENT)
        books.rounds.save(done, EVENT)
        books.answers.add(answers, measured)
    with work.reading() as books:
        assert (books.runs.find(RUN), books.runs.all()) == (running, (running,))
        assert books.rounds.of_run(RUN) == (done,)
        assert books.answers.of_run(RUN) == tuple(answers)
        assert books.answers.measurements(RUN) == tuple(measured)
        assert books.runs.find(OTHER) is None


def test_the_members_of_a_run_are_fixed_once_and_come_back_ascending(work: StoredWork) -> None:
    with work.writing() as books:
        keep_members_and_plan(books)
        other = replace(
            A_SITE, site_id=OTHER, identity_key=an_identity(4).public.raw, request_sha256="cd" * 32, node_id=7
        )
        books.sites.add(other, EVENT)
        books.runs.add(A_RUN, EVENT)
        assert books.runs.members(RUN) == ()
        books.runs.fix_members(RUN, (OTHER, SITE), EVENT)
    with work.reading() as books:
        assert books.runs.members(RUN) == tuple(sorted((SITE, OTHER)))
        assert books.runs.members(OTHER) == ()
    with pytest.raises(IntegrityError), work.writing() as books:
        books.runs.fix_members(RUN, (SITE,), EVENT)


def test_a_plan_has_at_most_one_live_run(work: StoredWork) -> None:
    with work.writing() as books:
        keep_members_and_plan(books)
        books.runs.add(A_RUN, EVENT)
    with pytest.raises(IntegrityError), work.writing() as books:
        books.runs.add(replace(A_RUN, run_id=OTHER), EVENT)
    with work.writing() as books:
        books.runs.save(ended(A_RUN, EndReason.PLAN_EXPIRED, now=LATER), EVENT)
        books.runs.add(replace(A_RUN, run_id=OTHER), EVENT)
    with work.reading() as books:
        assert [run.run_id for run in books.runs.all()] == [OTHER, RUN]


def test_daily_roots_come_back_the_latest_by_day_and_each_fault_is_kept_once(work: StoredWork) -> None:
    later = replace(A_ROOT, day=NOW.date() + timedelta(days=1), sent_sha256="cd" * 32)
    with work.writing() as books:
        books.sites.add(A_SITE, EVENT)
        assert books.roots.latest(SITE) is None
        for root in (later, A_ROOT):
            books.roots.add(root, EVENT)
        books.roots.refuse(A_REFUSED_ROOT, EVENT)
    with work.reading() as books:
        assert (books.roots.latest(SITE), books.roots.latest(OTHER)) == (later, None)
        assert books.roots.find(SITE, DIGEST) == A_ROOT
        assert books.roots.find(OTHER, DIGEST) is None
        assert books.roots.refused(SITE, RootFault.TWO_ROOTS) == A_REFUSED_ROOT
        assert books.roots.refused(SITE, RootFault.UNLINKED) is None
        assert books.roots.evidence() == (A_REFUSED_ROOT,)


def test_a_day_of_a_site_has_one_root(work: StoredWork) -> None:
    with work.writing() as books:
        books.sites.add(A_SITE, EVENT)
        books.roots.add(A_ROOT, EVENT)
    with pytest.raises(IntegrityError), work.writing() as books:
        books.roots.add(replace(A_ROOT, sent_sha256="cd" * 32), EVENT)


def test_versions_of_the_roster_and_words_on_keys_come_back(work: StoredWork) -> None:
    word = PeerWord(SITE, PLAN, b"k" * 32, b"word", NOW)
    later = NOW + timedelta(hours=1)
    with work.writing() as books:
        keep_members_and_plan(books)
        for number in (1, 2):
            books.rosters.add(HeldRoster(number, b"%d" % number, NOW), EVENT)
        books.rosters.say(word, EVENT)
    with work.reading() as books:
        assert books.rosters.last() == books.rosters.find(2) == HeldRoster(2, b"2", NOW)
        assert (books.rosters.find(3), books.rosters.words()) == (None, (word,))
    with work.writing() as books:
        books.rosters.take_back(SITE, (PLAN, b"k" * 32), later, EVENT)
        assert books.rosters.words() == (replace(word, revoked_at=later),)
        books.rosters.say(word, EVENT)
        assert books.rosters.words() == (word,)


def test_receipts_are_found_by_their_bytes_and_listed_latest_first(work: StoredWork) -> None:
    held = [HeldReceipt(SITE, f"{number:064x}", NOW + timedelta(seconds=number), b"sealed") for number in range(5)]
    with work.writing() as books:
        books.sites.add(A_SITE, EVENT)
        for receipt in held:
            books.receipts.add(receipt)
    with work.reading() as books:
        assert books.receipts.find(SITE, held[3].sent_sha256) == held[3]
        assert books.receipts.find(OTHER, held[3].sent_sha256) is None
        assert books.receipts.latest(SITE, since=NOW, limit=2) == (held[4], held[3])
        assert books.receipts.latest(SITE, since=NOW + timedelta(seconds=4), limit=9) == (held[4],)


def test_the_same_bytes_of_a_site_have_one_receipt(work: StoredWork) -> None:
    receipt = HeldReceipt(SITE, DIGEST, NOW, b"sealed")
    with work.writing() as books:
        books.sites.add(A_SITE, EVENT)
        books.receipts.add(receipt)
    with pytest.raises(IntegrityError), work.writing() as books:
        books.receipts.add(receipt)


def test_a_release_comes_back_as_it_was_kept(work: StoredWork) -> None:
    release = Release(RELEASE, PLAN, RUN, DIGEST, DIGEST, AttackLight.AMBER, b"sealed", NOW)
    with work.writing() as books:
        keep_members_and_plan(books)
        books.runs.add(A_RUN, EVENT)
        books.releases.add(release, EVENT)
    with work.reading() as books:
        assert books.releases.all() == (release,)


def test_a_code_is_taken_once_and_a_session_ends(work: StoredWork) -> None:
    with work.writing() as books:
        books.sign_ins.add_code(DIGEST, LATER, EVENT)
        books.sign_ins.add_session(DIGEST, LATER, EVENT)
    with work.writing() as books:
        taken = [books.sign_ins.take_code(DIGEST, now=NOW), books.sign_ins.take_code(DIGEST, now=NOW)]
        assert taken == [True, False]
        assert books.sign_ins.session_open(DIGEST, now=NOW)
        assert not books.sign_ins.session_open(DIGEST, now=LATER)
        assert not books.sign_ins.session_open("cd" * 32, now=NOW)


def test_every_decision_leaves_its_audit_event_and_an_error_leaves_nothing(work: StoredWork, database: Engine) -> None:
    def change_and_fail() -> None:
        with work.writing() as books:
            books.sites.add(A_SITE, EVENT)
            raise RuntimeError("something went wrong after the change")

    with pytest.raises(RuntimeError):
        change_and_fail()
    with work.writing() as books:
        books.partners.add(A_PARTNER, EVENT)
    with work.reading() as books:
        assert (books.sites.all(), books.partners.all()) == ((), (A_PARTNER,))
    with database.connect() as connection:
        assert [row.action for row in connection.execute(select(audit_event))] == ["test.kept"]


def test_two_who_check_and_then_write_at_once_come_one_after_the_other(work: StoredWork) -> None:
    with work.writing() as books:
        keep_members_and_plan(books)
    barrier, opened_runs = threading.Barrier(4), []

    def start_if_none_is_live(number: int) -> None:
        barrier.wait()
        with work.writing() as books:
            if not any(run.live for run in books.runs.all()):
                run = Run(f"{RUN[:-1]}{number}", PLAN, A_RUN.state, NOW)
                books.runs.add(run, EVENT)
                opened_runs.append(run)

    threads = [threading.Thread(target=start_if_none_is_live, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened_runs) == 1
