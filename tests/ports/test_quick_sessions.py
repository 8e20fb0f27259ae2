"""Who asks, asked without waiting: what is remembered of a session ends with whatever is committed beside it."""

from contextlib import closing
from datetime import timedelta

import pytest
from fakes.ward_books import ACT, NOW
from sqlalchemy import Engine, delete, update

from node.flows.people import add_person
from node.ground.at_once import NotAtOnce
from node.ground.ids import new_id
from node.readers.person import NewPerson
from node.readers.roles import Role
from node.readers.session import Proof, Session
from node.storage.engine import Database, writing
from node.storage.quick_read import QuickRead
from node.storage.quick_sessions import QuickSessions
from node.storage.ward_store import WardStore
from node.storage.ward_tables import person, session

DATABASE = Database.WARD
LATER = NOW + timedelta(hours=1)


def opened(engine: Engine) -> Session:
    ward = WardStore(engine)
    steward = add_person(ward, NewPerson("steward", frozenset({Role.STEWARD})), ACT, person_id=new_id())
    running = Session("d" * 64, steward, Proof.CODE, LATER)
    with ward.writing() as work:
        work.sessions.open_session(running, ACT.event("session.opened", "own"))
    return running


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every row that was read, by the moment it was asked for."""
    seen: list[str] = []
    first = QuickRead.first

    def counted(self: QuickRead, **values: object) -> object:
        seen.append(str(values["now"]))
        return first(self, **values)

    monkeypatch.setattr(QuickRead, "first", counted)
    return seen


def waits(engine: Engine) -> bool:
    """Whether the engine is of a server, which is never asked at once and says so."""
    if engine.dialect.name == "sqlite":
        return False
    with closing(QuickSessions(engine)) as quick, pytest.raises(NotAtOnce):
        quick.find_session("d" * 64, NOW)
    return True


def test_a_session_is_read_once_until_something_is_committed(engine: Engine, reads: list[str]) -> None:
    if waits(engine):
        return
    running = opened(engine)
    with closing(QuickSessions(engine)) as quick:
        assert [quick.find_session(running.digest, NOW) for _ in range(3)] == [running] * 3
        assert len(reads) == 1
        add_person(WardStore(engine), NewPerson("another", frozenset({Role.IT})), ACT, person_id=new_id())
        assert quick.find_session(running.digest, NOW) == running
        assert len(reads) == 2


@pytest.mark.parametrize("taken", ["session", "person", "roles"])
def test_what_is_taken_away_is_gone_with_the_next_question(engine: Engine, taken: str) -> None:
    if waits(engine):
        return
    running = opened(engine)
    away = {
        "session": delete(session),
        "person": update(person).values(active=False),
        "roles": update(person).values(roles="reader"),
    }
    with closing(QuickSessions(engine)) as quick:
        assert quick.find_session(running.digest, NOW) == running
        with writing(engine) as connection:
            connection.execute(away[taken])
        found = quick.find_session(running.digest, NOW)
        assert found is None if taken != "roles" else found is not None and found.person.roles == {Role.READER}


def test_what_was_not_committed_changes_nothing(engine: Engine) -> None:
    if waits(engine):
        return
    running = opened(engine)
    with closing(QuickSessions(engine)) as quick:
        assert quick.find_session(running.digest, NOW) == running
        with writing(engine) as connection:
            connection.execute(delete(session))
            assert quick.find_session(running.digest, NOW) == running
            connection.rollback()
        assert quick.find_session(running.digest, NOW) == running


def test_a_remembered_session_ends_at_its_time(engine: Engine) -> None:
    if waits(engine):
        return
    running = opened(engine)
    with closing(QuickSessions(engine)) as quick:
        assert quick.find_session(running.digest, NOW) == running
        assert quick.find_session(running.digest, LATER) is None
        assert quick.find_session("nobody's", NOW) is None


def test_a_commit_between_the_number_and_the_row_is_seen_by_the_question_after(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if waits(engine):
        return
    running = opened(engine)
    first = QuickRead.first

    def late(self: QuickRead, **values: object) -> object:
        row = first(self, **values)
        with writing(engine) as connection:  # right behind the row that was read
            connection.execute(delete(session))
        return row

    with closing(QuickSessions(engine)) as quick:
        monkeypatch.setattr(QuickRead, "first", late)
        assert quick.find_session(running.digest, NOW) == running
        monkeypatch.setattr(QuickRead, "first", first)
        assert quick.find_session(running.digest, NOW) is None
