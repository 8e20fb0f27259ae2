"""Round secrets on both databases: one vector a round, encrypted, for this plan, run, round and model only."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from factories import PLAN, RUN
from fakes.wall_cast import SetClock
from sqlalchemy import Engine, text

from node.release.asked import Asked, Exchange
from node.release.update import RoundVector
from node.storage.engine import Database
from node.storage.round_store import RoundSecretDamaged, RoundStore

DATABASE = Database.ROUND
ASKED = Asked(PLAN, RUN, Exchange.TRAIN, 1, 1, "ab" * 32)
HEAD = (("validation-auc", 0.75),), "cd" * 32, 0.5, tuple(range(10))
VECTOR = RoundVector("ab" * 32, b"a vector that must not be readable", 40, *HEAD)
KEY = bytes(range(32))


def store(engine: Engine, key: bytes = KEY) -> RoundStore:
    return RoundStore(engine, key, SetClock())


def test_the_first_vector_of_a_round_stays_whatever_comes_later(engine: Engine) -> None:
    assert store(engine).kept(ASKED) is None
    assert store(engine).keep(ASKED, VECTOR) == VECTOR
    assert store(engine).keep(replace(ASKED, attempt=2), replace(VECTOR, vector=b"another")) == VECTOR
    assert store(engine).kept(replace(ASKED, attempt=7)) == VECTOR


@pytest.mark.parametrize(
    "other",
    [
        lambda asked: replace(asked, plan_id=RUN),
        lambda asked: replace(asked, run_id=PLAN),
        lambda asked: replace(asked, round=2),
        lambda asked: replace(asked, model_sha256="ef" * 32),
    ],
)
def test_a_vector_is_never_found_for_another_round(engine: Engine, other: Callable[[Asked], Asked]) -> None:
    store(engine).keep(ASKED, VECTOR)
    assert store(engine).kept(other(ASKED)) is None


def test_a_vector_cannot_be_read_from_the_database(engine: Engine) -> None:
    store(engine).keep(ASKED, VECTOR)
    with engine.connect() as connection:
        sealed = bytes(connection.execute(text("SELECT sealed FROM round_vector")).scalar_one())
    assert VECTOR.vector not in sealed
    assert b"validation" not in sealed


def test_a_vector_moved_to_another_round_or_read_with_another_key_does_not_open(engine: Engine) -> None:
    store(engine).keep(ASKED, VECTOR)
    with pytest.raises(RoundSecretDamaged):
        store(engine, os.urandom(32)).kept(ASKED)
    with engine.begin() as connection:
        connection.execute(text("UPDATE round_vector SET round = 2"))
    with pytest.raises(RoundSecretDamaged):
        store(engine).kept(replace(ASKED, round=2))
