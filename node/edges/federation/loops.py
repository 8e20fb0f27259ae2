"""The loops of the wall process: a step, a pause it asks for, until told to stop; a nudge ends a pause early."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from node.ground.logs import log

_END_SECONDS = 10.0


class Nudge:
    """Ends the pause of a loop: now there is something to do, or the process stops."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._something = threading.Event()

    def now(self) -> None:
        """The loop's pause ends."""
        self._something.set()

    def pause(self, seconds: float) -> bool:
        """False when the loop is to end; the pause lasted so long, or until it was ended early."""
        self._something.wait(seconds)
        self._something.clear()
        return not self._stop.is_set()


def keep_going(step: Callable[[], float], nudge: Nudge, *, name: str, after_error_seconds: float = 30.0) -> None:
    """The step ran again and again, each time after the pause it asked for, until the loop was told to end.

    A step that fails is logged by the kind of its error and tried again: one bad message must not stop a hospital.
    """
    running = True
    while running:
        try:
            seconds = step()
        except Exception as error:  # noqa: BLE001 - a loop of the wall outlives whatever one step met
            log().error("wall loop failed", process=name, error_type=type(error).__name__)
            seconds = after_error_seconds
        running = nudge.pause(seconds)


def together(stop: threading.Event, bodies: Mapping[str, Callable[[], None]], wake: Sequence[Nudge]) -> None:
    """Every body ran in a thread of its own until `stop` was set; one that ends ends them all.

    Raises:
        Whatever the first body that failed raised: the supervisor starts the whole process again.
    """
    failures: list[BaseException] = []

    def run(body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException as error:  # noqa: BLE001 - kept, and raised below in the thread that waits
            failures.append(error)
        finally:
            stop.set()

    threads = [threading.Thread(target=run, args=(body,), name=name, daemon=True) for name, body in bodies.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    for nudge in wake:
        nudge.now()
    for thread in threads:
        thread.join(_END_SECONDS)
    if failures:
        raise failures[0]
