"""What a reader of the crowd's figures must know; goes into every result."""

from __future__ import annotations

from typing import Final

from benchmarks.crowd_320.schedule import BURST, BURST_EVERY_SECONDS, BURST_SECONDS, RATE, SEED

_TOLD = f"""
320 readers in 26 departments on one whole node, started as `node run` does it, over its public HTTP API on loopback
without TLS. Everybody has an own session and an own line that stays open. The node and the generator share the machine.

Open loop: {RATE:.0f} actions a second, Poisson, {BURST}-fold in the last {BURST_SECONDS:.0f} of every
{BURST_EVERY_SECONDS:.0f} seconds; moments and readers are drawn before the run from seed {SEED}. Latency runs from the
moment an action was due to its whole answer, also where the reader's last action was still unanswered.

An action is one of: next case, a stroke (a change set of the draft's journal, three to a case), submit, decline (one
case in fifty), the worklist (every fourth case). No pixels are asked for. Figures are of all actions of the run.

Before there is a result: every acknowledged reading is in the chain and no other, the chain verifies, no assignment or
case was given twice, none has more readings than it needs, every stroke that was acknowledged last is there.
"""

NOTES: Final = tuple(" ".join(paragraph.split()) for paragraph in _TOLD.strip().split("\n\n"))
