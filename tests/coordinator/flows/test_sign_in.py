from datetime import timedelta

import pytest
from factories import NOW
from fakes.coordinator_world import World

from coordinator.flows.sign_in import CodeRefused, SignInNeeded, check_session, issue_code, sign_in


def test_a_code_opens_one_session_and_no_second(world: World) -> None:
    code = issue_code(world.work, now=NOW)
    token = sign_in(world.work, f" {code.lower()} ", now=NOW)
    check_session(world.work, token, now=NOW)
    with pytest.raises(CodeRefused):
        sign_in(world.work, code, now=NOW)


def test_a_code_is_good_for_ten_minutes(world: World) -> None:
    code = issue_code(world.work, now=NOW)
    with pytest.raises(CodeRefused):
        sign_in(world.work, code, now=NOW + timedelta(minutes=10))


@pytest.mark.parametrize("token", ["", "guessed"])
def test_without_a_session_nothing_is_shown(world: World, token: str) -> None:
    with pytest.raises(SignInNeeded):
        check_session(world.work, token, now=NOW)


def test_a_session_ends_after_its_hours(world: World) -> None:
    token = sign_in(world.work, issue_code(world.work, now=NOW), now=NOW)
    with pytest.raises(SignInNeeded):
        check_session(world.work, token, now=NOW + timedelta(hours=8))
