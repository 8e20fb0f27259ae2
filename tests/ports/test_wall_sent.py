"""The bytes of the outbox over time, on both databases: what may be emptied, what that leaves, what is found again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from factories import APPROVAL, NOW, PLAN, RUN, an_enrolment_request
from sqlalchemy import Engine, select, text

from node.flows.ledger_proof import LedgerProof, prove_ledger
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.asked import Asked, Exchange
from node.release.kept_bytes import ByteFault, BytesBroken
from node.release.outbox import News, Origin, Parcel, Passage
from node.release.refusals import AnswerEmptied
from node.storage.audit import events
from node.storage.engine import Database
from node.storage.migrate import upgrade
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_part_tables import patient_group, patient_group_member, round_patients
from node.storage.wall_roster_tables import peer_comparison, peer_word, roster_version
from node.storage.wall_send import WallUnit
from node.storage.wall_sent import WallSent
from node.storage.wall_tables import audit, metadata, outbox
from protocols.receipts import Channel, LedgerBroken

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "test.done", "test:1")
LATER_TABLES = (
    "private_cohort",
    "private_patient",
    "private_charge",
    "first_figures",
    "ledger_root",
    "plan_stop",
    "first_yes",
    roster_version.name,
    peer_comparison.name,
    peer_word.name,
    round_patients.name,
    patient_group_member.name,
    patient_group.name,
)
LATER = NOW + timedelta(days=90)
EMPTYING = AuditEvent(LATER, EVENT.actor, "message.emptied", "message:test")
ASKED = Asked(PLAN, RUN, Exchange.TRAIN, 1, 1, "ab" * 32)


def a_parcel(content: bytes = b"sealed", **changes: object) -> Parcel:
    parcel = Parcel(content, "model-update", Channel.FLEET, Origin(PLAN, RUN, 1, 1, APPROVAL), NOW)
    return replace(parcel, **changes)  # type: ignore[arg-type] # each test names the field it changes


def put(engine: Engine, parcel: Parcel, *news: News) -> str:
    with WallUnit(engine).sending() as door:
        door.put(parcel)
        door.enter(parcel, EVENT)
    for one in news:
        WallOutbox(engine).tell(parcel.sent_sha256, one, NOW, sealed_receipt=b"receipt")
    return parcel.sent_sha256


def emptied(engine: Engine, *digests: str) -> None:
    WallSent(engine).empty(digests, [EMPTYING] * len(digests))


def proof(engine: Engine) -> LedgerProof:
    return prove_ledger(WallLedger(engine), WallSent(engine))


def emptyings(engine: Engine) -> int:
    with engine.connect() as connection:
        return sum(event.action == "message.emptied" for event in events(connection, audit))


def test_only_delivered_bytes_older_than_the_moment_may_go_the_oldest_first(engine: Engine) -> None:
    put(engine, a_parcel(b"released"))
    put(engine, a_parcel(b"unknown"), News.SILENCE)
    put(engine, a_parcel(b"at that moment", released_at=LATER), News.RECEIPT)
    old, older = (
        put(engine, a_parcel(b"%d" % days, released_at=NOW - timedelta(days=days)), News.RECEIPT) for days in (1, 2)
    )
    assert WallSent(engine).emptiable(LATER, 9) == [older, old]
    assert WallSent(engine).emptiable(LATER, 1) == [older]


def test_emptied_bytes_are_gone_and_everything_else_of_them_stays(engine: Engine) -> None:
    sent = put(engine, a_parcel(), News.RECEIPT)
    (before,) = WallLedger(engine).page(0, 10)
    emptied(engine, sent)
    (after,) = WallLedger(engine).page(0, 10)
    assert after == replace(before, emptied_at=LATER)
    assert before.emptied_at is None
    with engine.connect() as connection:
        row = connection.execute(select(outbox.c.sealed, outbox.c.sealed_receipt)).one()
    assert (row.sealed, row.sealed_receipt) == (b"", b"receipt")
    assert emptyings(engine) == 1
    assert WallSent(engine).emptiable(LATER + timedelta(days=1), 9) == []


def test_a_parcel_whose_journey_is_not_over_is_not_emptied_even_when_asked_for(engine: Engine) -> None:
    digests = [put(engine, a_parcel(b"released")), put(engine, a_parcel(b"unknown"), News.SILENCE)]
    emptied(engine, *digests)
    assert proof(engine) == LedgerProof(entries=2, here=2, emptied=0)
    assert emptyings(engine) == 0


def test_emptying_again_changes_nothing_and_is_no_second_event(engine: Engine) -> None:
    sent = put(engine, a_parcel(), News.RECEIPT)
    emptied(engine, sent, sent)
    assert emptyings(engine) == 1


def test_a_batch_that_breaks_off_empties_nothing(engine: Engine) -> None:
    digests = [put(engine, a_parcel(b"%d" % number), News.RECEIPT) for number in range(3)]
    with pytest.raises(ValueError, match="zip"):
        WallSent(engine).empty(digests, [EMPTYING] * 2)
    assert proof(engine).here == 3
    assert emptyings(engine) == 0


def test_an_exchange_whose_answer_was_emptied_is_refused(engine: Engine) -> None:
    emptied(engine, put(engine, a_parcel(answers=ASKED), News.RECEIPT))
    with pytest.raises(AnswerEmptied):
        WallUnit(engine).answer_to(ASKED)
    with WallUnit(engine).sending() as door, pytest.raises(AnswerEmptied):
        door.stored(a_parcel(b"made again", answers=ASKED))
    assert WallUnit(engine).answer_to(replace(ASKED, attempt=2)) is None


def test_the_very_bytes_are_known_by_their_digest_after_they_were_emptied(engine: Engine) -> None:
    emptied(engine, put(engine, a_parcel(answers=ASKED), News.RECEIPT))
    with WallUnit(engine).sending() as door:
        assert door.stored(a_parcel(answers=ASKED)) == b"sealed"
        assert door.stored(a_parcel()) == b"sealed"


def test_an_emptied_request_to_join_is_not_offered_again(engine: Engine) -> None:
    sent = put(engine, a_parcel(b"join", message_kind=an_enrolment_request().kind, channel=Channel.API), News.RECEIPT)
    assert WallOutbox(engine).enrolment_requests() == [b"join"]
    emptied(engine, sent)
    assert WallOutbox(engine).enrolment_requests() == []


def test_the_migrations_make_exactly_the_tables_the_wall_uses(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_bytes_that_left_before_the_migration_are_kept_by_it_and_may_go_in_their_time(engine: Engine) -> None:
    sent = put(engine, a_parcel(), News.RECEIPT)
    with engine.begin() as connection:
        for step in (
            *(f"DROP TABLE {later}" for later in LATER_TABLES),
            "DROP INDEX outbox_kept",
            "ALTER TABLE outbox DROP COLUMN emptied_at",
            "UPDATE alembic_version SET version_num = 'wall_0001'",
        ):
            connection.execute(text(step))
    upgrade(DATABASE, engine)
    assert proof(engine) == LedgerProof(entries=1, here=1, emptied=0)
    assert WallSent(engine).emptiable(LATER, 9) == [sent]


def test_a_ledger_holds_with_some_bytes_here_and_some_no_longer_kept(engine: Engine) -> None:
    digests = [put(engine, a_parcel(b"%d" % number), News.RECEIPT) for number in range(4)]
    emptied(engine, *digests[:3])
    assert proof(engine) == LedgerProof(entries=4, here=1, emptied=3)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE outbox SET sealed = :none WHERE sent_sha256 = :here", ByteFault.MISSING),
        ("UPDATE outbox SET sealed = :other WHERE sent_sha256 = :here", ByteFault.CHANGED),
        ("UPDATE outbox SET emptied_at = NULL WHERE sent_sha256 = :gone", ByteFault.MISSING),
        ("UPDATE outbox SET sealed = :other WHERE sent_sha256 = :gone", ByteFault.STILL_HERE),
        ("UPDATE outbox SET passage = 'unknown' WHERE sent_sha256 = :gone", ByteFault.EMPTIED_EARLY),
    ],
)
def test_bytes_changed_in_the_database_are_named_by_their_entry(engine: Engine, change: str, fault: ByteFault) -> None:
    put(engine, a_parcel(b"before"))
    here, gone = put(engine, a_parcel(b"here")), put(engine, a_parcel(b"gone"), News.RECEIPT)
    emptied(engine, gone)
    bound = {"none": b"", "other": b"hers", "here": here, "gone": gone}
    with engine.begin() as connection:
        connection.execute(text(change), {name: value for name, value in bound.items() if f":{name}" in change})
    with pytest.raises(BytesBroken) as broken:
        proof(engine)
    assert (broken.value.number, broken.value.fault) == (2 if ":here" in change else 3, fault)


def test_a_broken_link_is_told_before_any_bytes(engine: Engine) -> None:
    put(engine, a_parcel(b"one"))
    put(engine, a_parcel(b"two"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE ledger_entry SET body = replace(body, 'fleet', 'flEet') WHERE number = 2"))
        connection.execute(text("UPDATE outbox SET sealed = :none"), {"none": b""})
    with pytest.raises(LedgerBroken) as broken:
        proof(engine)
    assert (broken.value.number, type(broken.value)) == (2, LedgerBroken)


def test_nothing_of_emptied_bytes_is_left_in_the_files_of_sqlite(engine: Engine, tmp_path: Path) -> None:
    if engine.dialect.name != "sqlite":
        WallSent(engine).settle()
        return
    content = b"bytes that left this hospital " * 4_000
    sent = put(engine, a_parcel(content), News.RECEIPT)
    assert found_in(tmp_path, content[:300])
    emptied(engine, sent)
    WallSent(engine).settle()
    assert not found_in(tmp_path, b"bytes that left")
    assert WallLedger(engine).page(0, 1)[0].passage is Passage.DELIVERED


def found_in(folder: Path, content: bytes) -> list[str]:
    return [path.name for path in sorted(folder.glob("wall.db*")) if content in path.read_bytes()]


def test_a_reader_of_the_database_delays_the_journal_and_breaks_nothing(engine: Engine) -> None:
    sent = put(engine, a_parcel(), News.RECEIPT)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM outbox"))
    with engine.connect().execution_options(intramuros_begin="DEFERRED") as other, other.begin():
        assert other.execute(text("SELECT count(*) FROM outbox")).scalar() == 1
        emptied(engine, sent)
        WallSent(engine).settle()
    WallSent(engine).settle()
    assert proof(engine).emptied == 1
