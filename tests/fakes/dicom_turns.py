"""The tests' DICOM senders hear every answer, on a busy machine too.

An association of pynetdicom 3.0 has a thread of its own that takes whatever message has come. A sender clears
`_reactor_checkpoint` to hold it, and believes it held when `_is_paused` is set; but a thread that was only just let go
and had no turn of the processor since has that set too, goes on later and takes the answer the sender waits for. So
whoever sends waits here until the thread stands at the checkpoint. Whoever lets the association go waits too: a thread
in the middle of an answer passes for held as well, and the answer would follow upon the farewell.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from pynetdicom.association import Association

_SENDING = ("send_c_echo", "send_c_store", "send_c_find", "send_c_get", "send_c_move", "send_n_action")
_LEAVING = "release"
_MOST_SECONDS = 60.0


def wait_for_turns() -> None:
    """From now on every sender of this process waits for its turn; asked for twice, it changes nothing more."""
    for name in _SENDING:
        send = getattr(Association, name)
        if not hasattr(send, "__wrapped__"):
            setattr(Association, name, _in_turn(send))
    release = getattr(Association, _LEAVING)
    if not hasattr(release, "__wrapped__"):
        setattr(Association, _LEAVING, _going_on(_in_turn(release)))


def _in_turn(send: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(send)
    def sent(association: Association, *arguments: Any, **named: Any) -> Any:
        if threading.current_thread() is association:  # it answers a C-GET with images of its own
            return send(association, *arguments, **named)
        association._reactor_checkpoint.clear()
        end = time.monotonic() + _MOST_SECONDS
        while association.is_alive() and not _stands(association) and time.monotonic() < end:
            time.sleep(0.0002)
        try:
            return send(association, *arguments, **named)
        except Exception:
            association._reactor_checkpoint.set()  # nothing was sent: the thread goes on
            raise

    return sent


def _going_on(release: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(release)
    def released(association: Association) -> None:
        release(association)
        association._reactor_checkpoint.set()  # an association that had ended already was held for nothing

    return released


def _stands(association: Association) -> bool:
    """Whether the association's thread waits at the checkpoint, which was cleared before."""
    checkpoint: Any = association._reactor_checkpoint
    return bool(checkpoint._cond._waiters)
