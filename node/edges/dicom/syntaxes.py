"""Which of the transfer syntaxes that a sender offers for one context is taken.

A sender that can send what it holds compressed shall not inflate it for us: its first compressed syntax goes before an
uncompressed one. One that may lose something is taken only where the sender names it first, or it could compress for
our sake what it holds whole. Source: PS3.5 annex A, PS3.6 table A-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_UNCOMPRESSED: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
_LOSSLESS: Final = frozenset(
    f"1.2.840.10008.1.2.{ending}" for ending in ("5", "4.57", "4.70", "4.80", "4.90", "4.92", "4.110", "4.201", "4.202")
)


def preferred(offered: Sequence[str]) -> str:
    """The syntax to take of those offered, of which there is at least one."""
    first = offered[0]
    if first not in _UNCOMPRESSED:
        return first
    return next((syntax for syntax in offered if syntax in _LOSSLESS), first)
