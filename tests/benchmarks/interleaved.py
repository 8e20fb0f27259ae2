"""Both sides measured in turn, so that what else the machine does falls on both."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
Block = Callable[[], list[float]]


class PortTaken(RuntimeError):
    """A port of a benchmark is in use: an error, never a result."""


@dataclass(slots=True)
class Samples:
    """Samples of both sides in the order they were taken, and how many pairs of blocks gave them."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)
    pairs: int = 0


def interleaved(
    ours: Block,
    peer: Block,
    *,
    pairs_max: int,
    until: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Samples:
    """The samples of peer, ours, peer, ours …: at least one pair, at most `pairs_max`, none likely to end late."""
    samples, longest = Samples(), 0.0
    while samples.pairs == 0 or (samples.pairs < pairs_max and monotonic() + longest <= until):
        began = monotonic()
        samples.peer += peer()
        samples.ours += ours()
        samples.pairs += 1
        longest = max(longest, monotonic() - began)
    return samples


def free_ports(count: int) -> tuple[int, ...]:
    """So many different ports that were free a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return tuple(int(probe.getsockname()[1]) for probe in probes)
    finally:
        for probe in probes:
            probe.close()


def check_free(*ports: int) -> None:
    """Return when nobody listens on these ports. Raises: PortTaken."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only a listener counts, not a closed line
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                raise PortTaken(f"port {port} is taken") from None
