"""The loops of the wall process: they outlive a bad step, wake when nudged, and end together."""

import threading
from collections.abc import Callable

import pytest

from node.edges.federation.loops import Nudge, keep_going, together


def stops_after(times: int, stop: threading.Event, seconds: float = 0.0) -> tuple[list[int], Callable[[], float]]:
    done: list[int] = []

    def step() -> float:
        done.append(len(done))
        if len(done) == times:
            stop.set()
        return seconds

    return done, step


def test_a_step_is_repeated_until_the_process_stops() -> None:
    stop = threading.Event()
    done, step = stops_after(3, stop)
    keep_going(step, Nudge(stop), name="mail")
    assert len(done) == 3


def test_a_step_that_fails_is_logged_by_its_kind_and_tried_again(capfd: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    done, step = stops_after(2, stop)

    def fails() -> float:
        step()
        raise ValueError("a text that must stay here")

    keep_going(fails, Nudge(stop), name="mail", after_error_seconds=0.0)
    told = "".join(capfd.readouterr())
    assert len(done) == 2
    assert "ValueError" in told
    assert "must stay here" not in told


def test_a_nudge_ends_a_long_pause() -> None:
    stop = threading.Event()
    nudge = Nudge(stop)
    nudge.now()
    done, step = stops_after(2, stop, seconds=0.01)
    keep_going(step, nudge, name="mail")
    assert len(done) == 2
    nudge.now()
    assert not nudge.pause(3600)


def test_all_bodies_end_when_one_does_and_its_error_is_raised() -> None:
    stop = threading.Event()
    nudge, ended = Nudge(stop), []

    def waits() -> None:
        nudge.pause(3600)
        ended.append("waits")

    def fails() -> None:
        raise KeyError("the first that failed")

    with pytest.raises(KeyError):
        together(stop, {"waits": waits, "fails": fails}, [nudge])
    assert ended == ["waits"]


def test_a_process_that_is_told_to_stop_ends_quietly() -> None:
    stop = threading.Event()
    nudge = Nudge(stop)
    threading.Timer(0.05, stop.set).start()
    together(stop, {"loop": lambda: keep_going(lambda: 3600.0, nudge, name="mail")}, [nudge])
