"""Attempts by whoever is not signed in, counted by what they come from and charged before they are heard."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from node.flows.ward import WardWork
from node.readers.throttle import wait_seconds


def attempt_key(kind: str, value: str) -> str:
    """What attempts are counted under: no name and no address stands in the database."""
    return hashlib.sha256(f"intramuros/attempt/1\n{kind}\n{value}".encode()).hexdigest()


def charged(work: WardWork, free_by_key: Mapping[str, int], now: datetime) -> int:
    """0 when one attempt was charged under every key; otherwise the seconds until the next is heard, none charged."""
    waits = [wait_seconds(work.attempts.attempts(key), free=free, now=now) for key, free in free_by_key.items()]
    if max(waits) == 0:
        for key in free_by_key:
            work.attempts.charge(key, now)
    return max(waits)
