"""Who had a part in which round, on both databases."""

from dataclasses import replace

from factories import NOW, PLAN, RUN
from sqlalchemy import Engine, Table, func, select

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.release.asked import Asked, Exchange
from node.release.taking_part import Role, RoundPart
from node.storage.engine import Database
from node.storage.wall_part_tables import patient_group, patient_group_member, round_patients
from node.storage.wall_tables import audit
from node.storage.wall_taking_part import WallTakingPart

DATABASE = Database.WALL
EVENT = AuditEvent(NOW, Actor(ActorKind.NODE, "test"), "round.patients-noted", "run:1")
ASKED = Asked(PLAN, RUN, Exchange.TRAIN, 1, 1, "ab" * 32)
OTHER_RUN = RUN[:-1] + "9"


def note(book: WallTakingPart, asked: Asked = ASKED, learnt: frozenset[int] = frozenset(), *measured: int) -> None:
    book.note(asked, {Role.LEARNT: learnt, Role.MEASURED: frozenset(measured)}, EVENT)


def count(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def part(number: int, role: Role, exchange: Exchange = Exchange.TRAIN, run_id: str = RUN) -> RoundPart:
    return RoundPart(PLAN, run_id, number, exchange, role)


def test_a_patient_is_told_their_own_rounds_and_nobody_elses(engine: Engine) -> None:
    book = WallTakingPart(engine)
    note(book, ASKED, frozenset({1, 2}), 3)
    note(book, replace(ASKED, round=2), frozenset({2}), 3)
    note(book, replace(ASKED, run_id=OTHER_RUN, exchange=Exchange.EVALUATE), frozenset(), 1)
    evaluated = part(1, Role.MEASURED, Exchange.EVALUATE, OTHER_RUN)
    assert sorted(book.parts_of({1}), key=str) == sorted([part(1, Role.LEARNT), evaluated], key=str)
    assert book.parts_of({2}) == [part(1, Role.LEARNT), part(2, Role.LEARNT)]
    assert book.parts_of({3}) == [part(1, Role.MEASURED), part(2, Role.MEASURED)]
    assert (book.parts_of({4}), book.parts_of(set())) == ([], [])


def test_the_same_patients_are_written_once_and_an_attempt_with_fewer_takes_nobody_out(engine: Engine) -> None:
    book = WallTakingPart(engine)
    for number in range(1, 6):
        note(book, replace(ASKED, round=number), frozenset({1, 2, 3}))
        note(book, replace(ASKED, round=number, attempt=2), frozenset({1, 2, 3}))
    assert (count(engine, patient_group), count(engine, patient_group_member)) == (1, 3)
    assert (count(engine, round_patients), count(engine, audit)) == (5, 5)
    note(book, replace(ASKED, round=5, attempt=3), frozenset({1, 2}))
    assert book.parts_of({3})[-1] == part(5, Role.LEARNT)


def test_more_patients_than_one_statement_takes_are_all_asked_for(engine: Engine) -> None:
    book = WallTakingPart(engine)
    note(book, ASKED, frozenset(range(2000)))
    assert book.parts_of(range(1990, 9000)) == [part(1, Role.LEARNT)]


def test_it_is_known_of_which_rounds_there_is_a_record(engine: Engine) -> None:
    book = WallTakingPart(engine)
    note(book, ASKED, frozenset({1}))
    note(book, replace(ASKED, round=2), frozenset(), 1)
    assert book.recorded() == {RUN: frozenset({1})}
    assert (book.plans(), book.left(), book.released_rounds()) == ({RUN: PLAN}, {}, {})
