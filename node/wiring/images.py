"""What every process that works on images begins with. Light: no process loads what another one needs."""

from __future__ import annotations

import signal
import threading

from node.storage.engine import Database
from node.storage.intake_parts import IntakeGround
from node.wiring.place import Place


def intake_ground(place: Place) -> IntakeGround:
    """What every process that works on images stands on."""
    return IntakeGround(place.home, place.keyring, place.engine(Database.INTAKE), place.clock)


def stop_on_signal() -> threading.Event:
    """An event that is set when this process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
