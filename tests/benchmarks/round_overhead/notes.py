"""What a reader of the figures of round-overhead must know; goes into every result."""

from __future__ import annotations

from typing import Final

from benchmarks.round_overhead.model import PARAMETERS, SHAPES, SITES

_TOLD = f"""
A sample is the time from the end of one round to the end of the next; the first round of a run is not counted.
{SITES} SuperNodes, {len(SHAPES)} float32 tensors of {PARAMETERS} parameters ({PARAMETERS * 4 / 1e6:.1f} MB) each way,
TLS, node authentication, SQLite, loopback.

Both sides are up at once, one idle while the other runs. Nobody trains: the peer's clients add a constant, our fit
child is played and answers at once, so the pipe to it is not in our figure.

The peer trains only. Our round also brings every site's validation figures, for which the peer would need a second
exchange; this favours the peer.

Our round does more: every byte passes the front; instructions and updates are sealed; budget, round vector, gate,
outbox and ledger are durable (synchronous=FULL); updates are checked; receipts and the checkpoint are on the disk.

The peer is Flower's stock deployment with its defaults: subprocess isolation (a new ClientApp process for every
message), FedAvg, replies polled every 3 s. Ours keeps one worker a site and polls replies every 0.25 s. The SuperNodes'
idle poll of 3 s is the same on both sides. Every tensor is an array of its own there, as in any Flower app that sends a
state dict, and so many stored objects and requests; ours travel as one frame. What the peer spends is mostly processor
time, ours mostly waiting: a busy machine slows the peer more than us and raises the ratio.
"""

NOTES: Final = tuple(" ".join(paragraph.split()) for paragraph in _TOLD.split("\n\n"))
