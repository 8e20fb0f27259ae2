"""How long guessing waits."""

from datetime import UTC, datetime, timedelta

import pytest

from node.readers.throttle import FREE_PER_PERSON, MAX_PAUSE_SECONDS, Attempts, wait_seconds

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def waits(failures: int, *, ago_seconds: int = 0) -> int:
    return wait_seconds(Attempts(failures, NOW - timedelta(seconds=ago_seconds)), free=FREE_PER_PERSON, now=NOW)


def test_the_first_failures_are_free() -> None:
    assert wait_seconds(None, free=FREE_PER_PERSON, now=NOW) == 0
    assert waits(FREE_PER_PERSON - 1) == 0


def test_each_further_failure_doubles_the_pause_up_to_five_minutes() -> None:
    assert [waits(FREE_PER_PERSON + more) for more in range(4)] == [1, 2, 4, 8]
    assert waits(1000) == MAX_PAUSE_SECONDS


@pytest.mark.parametrize("failures", [FREE_PER_PERSON, FREE_PER_PERSON + 3, 1000])
def test_after_the_pause_the_next_attempt_is_heard(failures: int) -> None:
    assert waits(failures, ago_seconds=MAX_PAUSE_SECONDS) == 0


def test_a_day_later_everything_is_forgotten() -> None:
    assert waits(1000, ago_seconds=25 * 3600) == 0
