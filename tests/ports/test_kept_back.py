"""What is kept back of updates that go in turns: first word stays, of two rounds only, secret."""

import pytest
from factories import PLAN, RUN
from fakes.secure import KeptBackHere
from fakes.wall_cast import SetClock
from sqlalchemy import Engine, text

from node.release.secure.state import RoundName
from node.release.secure.turns import KeptBack
from node.storage.engine import Database
from node.storage.kept_back import StoredKeptBack
from node.storage.round_store import RoundSecretDamaged

DATABASE = Database.ROUND
KEY = bytes(range(32))
NUMBERS = b"numbers that must not be readable"


def stored(engine: Engine, key: bytes = KEY) -> StoredKeptBack:
    return StoredKeptBack(engine, key, SetClock())


def of(number: int, run_id: str = RUN) -> RoundName:
    return RoundName(PLAN, run_id, number)


@pytest.fixture(params=["memory", "stored"])
def kept_back(request: pytest.FixtureRequest, engine: Engine) -> KeptBack:
    return KeptBackHere() if request.param == "memory" else stored(engine)


def test_what_was_kept_first_for_a_round_stays(kept_back: KeptBack) -> None:
    assert kept_back.of_round(of(2)) is None
    kept_back.keep(of(2), NUMBERS)
    kept_back.keep(of(2), b"other numbers")
    assert kept_back.of_round(of(2)) == NUMBERS
    assert kept_back.of_round(of(2, PLAN)) is None


def test_only_the_round_under_way_and_the_one_before_stay_of_a_run(kept_back: KeptBack) -> None:
    kept_back.keep(of(2, PLAN), NUMBERS)
    for number in (2, 3, 4):
        kept_back.keep(of(number), NUMBERS)
    assert [kept_back.of_round(of(number)) for number in (2, 3, 4)] == [None, NUMBERS, NUMBERS]
    assert kept_back.of_round(of(2, PLAN)) == NUMBERS


def test_it_cannot_be_read_in_the_database_nor_with_another_key(engine: Engine) -> None:
    stored(engine).keep(of(2), NUMBERS)
    with engine.connect() as connection:
        (sealed,) = connection.execute(text("SELECT sealed FROM kept_back")).one()
    assert NUMBERS not in bytes(sealed)
    with pytest.raises(RoundSecretDamaged):
        stored(engine, bytes(32)).of_round(of(2))
