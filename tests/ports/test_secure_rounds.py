"""Rounds of secure aggregation, in memory and on both databases: kept with their answers, secret, of one round only."""

import os
from dataclasses import replace

import pytest
from factories import PLAN, RUN
from fakes.secure import KeptRounds, about_of, begin, carry, check_equals_plain, collect, deal, hospitals, unmask
from fakes.wall_cast import SetClock
from secure_factories import SITES, a_round, an_advert
from sqlalchemy import Engine, text

from node.release.secure.keeping import RoundUnreadable, packed, unpacked
from node.release.secure.member import SecureReply, SecureRounds
from node.release.secure.state import Act, Secrets, SecureRound, Stage
from node.storage.engine import Database
from node.storage.secure_rounds import StoredSecureRounds
from protocols.mask_streams import SharePair

DATABASE = Database.ROUND
KEY = bytes(range(32))
SHARES = SharePair(b"a" * 66, b"b" * 66)
STATE = SecureRound(
    a_round(), Stage.MASKED, SITES, "ab" * 32, Secrets(b"m" * 32, b"s" * 32, b"b" * 32),
    adverts_sha256="cd" * 32, adverts=(an_advert(),), own_share=SHARES, held=((SITES[1], SHARES),), peers=SITES,
    trained_sha256="ef" * 32, statement_sha256="ab" * 32, words_sha256="cd" * 32, voted_for=SITES, revealed_for=SITES,
)  # fmt: skip
REPLY = SecureReply(Act.MASK, "ab" * 32, b"what was sent")


def stored(engine: Engine, key: bytes = KEY) -> StoredSecureRounds:
    return StoredSecureRounds(engine, key, SetClock())


@pytest.fixture(params=["memory", "stored"])
def rounds(request: pytest.FixtureRequest, engine: Engine) -> SecureRounds:
    return KeptRounds() if request.param == "memory" else stored(engine)


def attempt(number: int, *, round_number: int = 1) -> SecureRound:
    return replace(STATE, about=a_round(attempt=number, round=round_number))


def test_a_round_is_found_as_it_was_kept_with_its_answer(rounds: SecureRounds) -> None:
    assert rounds.of_round(STATE.name) is None
    assert rounds.members_of(STATE.name) is None
    rounds.keep(STATE, REPLY)
    assert rounds.of_round(STATE.name) == STATE
    assert rounds.reply(STATE.name, 1, Act.MASK) == REPLY
    assert rounds.reply(STATE.name, 1, Act.VOTE) is None
    assert rounds.reply(STATE.name, 2, Act.MASK) is None


def test_the_members_of_a_run_are_those_of_its_first_round(rounds: SecureRounds) -> None:
    rounds.keep(STATE, None)
    other = replace(STATE, about=a_round(round=2, members_sha256="ef" * 32))
    rounds.keep(other, None)
    assert rounds.members_of(other.name) == STATE.about.members_sha256
    assert rounds.members_of(replace(STATE.name, run_id=PLAN)) is None


def test_a_later_attempt_takes_the_place_of_the_earlier(rounds: SecureRounds) -> None:
    rounds.keep(STATE, REPLY)
    rounds.keep(attempt(2), None)
    assert rounds.of_round(STATE.name) == attempt(2)


def test_a_list_is_found_by_the_same_update_and_by_the_same_model_in_the_plan(rounds: SecureRounds) -> None:
    rounds.keep(STATE, None)
    fresh = replace(STATE, revealed_for=(), stage=Stage.MASKED)
    elsewhere = a_round(plan_id=RUN, run_id=PLAN)
    assert rounds.revealed_like(replace(fresh, about=a_round(run_id=PLAN), words_sha256="0" * 64)) == SITES
    assert rounds.revealed_like(replace(fresh, about=elsewhere, trained_sha256="0" * 64)) == SITES
    assert rounds.revealed_like(replace(fresh, about=elsewhere, words_sha256="0" * 64)) == ()
    other = replace(fresh, about=a_round(run_id=PLAN), trained_sha256="0" * 64, words_sha256="1" * 64)
    assert rounds.revealed_like(other) == ()


def test_a_round_in_bytes_is_the_same_round() -> None:
    bare = SecureRound(a_round(), Stage.ENDED, SITES, "ab" * 32, None)
    for state in (STATE, bare):
        assert unpacked(packed(state)) == state
    for wrong in (b"", b"{}", b'{"format": 2}', packed(STATE).replace(b'"masked"', b'"melted"')):
        with pytest.raises(RoundUnreadable):
            unpacked(wrong)


def test_no_secret_can_be_read_from_the_database(engine: Engine) -> None:
    stored(engine).keep(STATE, REPLY)
    with engine.connect() as connection:
        sealed = bytes(connection.execute(text("SELECT sealed FROM secure_round")).scalar_one())
    assert b"masked" not in sealed
    assert b"m" * 12 not in sealed


def test_a_round_moved_or_read_with_another_key_does_not_open(engine: Engine) -> None:
    stored(engine).keep(STATE, None)
    with pytest.raises(RoundUnreadable):
        stored(engine, os.urandom(32)).of_round(STATE.name)
    with engine.begin() as connection:
        connection.execute(text("UPDATE secure_round SET round = 2"))
    with pytest.raises(RoundUnreadable):
        stored(engine).of_round(replace(STATE.name, round=2))


def test_answers_of_earlier_attempts_and_long_past_rounds_are_not_kept(engine: Engine) -> None:
    rounds = stored(engine)
    rounds.keep(STATE, REPLY)
    rounds.keep(attempt(2), REPLY)
    assert rounds.reply(STATE.name, 1, Act.MASK) is None
    rounds.keep(attempt(1, round_number=2), REPLY)
    assert rounds.reply(STATE.name, 2, Act.MASK) == REPLY
    rounds.keep(attempt(1, round_number=3), REPLY)
    assert rounds.reply(STATE.name, 2, Act.MASK) is None
    assert rounds.of_round(STATE.name) is not None


def test_a_node_that_restarts_between_any_two_steps_goes_on(engine: Engine) -> None:
    members = hospitals(4, threshold=3)
    members[0].kept = stored(engine)
    carried = begin(members, about_of(members))
    members[0].kept = stored(engine)
    asked = deal(carried)
    members[0].kept = stored(engine)
    collect(carried, asked)
    members[0].kept = stored(engine)
    check_equals_plain(unmask(carried), members)
    revealed = stored(engine).of_round(STATE.name)
    assert revealed is not None
    assert (revealed.stage, revealed.secrets, revealed.held) == (Stage.REVEALED, None, ())
    assert STATE.name.run_id == RUN


def test_rounds_with_a_vote_run_on_the_stored_state_too(engine: Engine) -> None:
    members = hospitals(5, threshold=3)
    members[0].kept = stored(engine)
    opened, counted = carry(members, silent=frozenset({(2, Act.MASK)}))
    check_equals_plain(opened, counted)
