"""The table for people at the end of `make bench`: what was run, one line a name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.measured import Measured

_HEAD = ("name", "ours", "peer", "unit", "ratio", "target", "", "against")


def lines(results: Iterable[Measured]) -> list[str]:
    """The table's lines; a target that is not met stays visible as not met."""
    rows = [_HEAD, *(_row(measured) for measured in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    return [_line(row, widths) for row in rows]


def _row(measured: Measured) -> tuple[str, ...]:
    return (
        measured.name,
        _short(measured.ours),
        _short(measured.peer),
        measured.unit,
        f"{measured.ratio:.2f}",
        f">= {measured.target:.3g}",
        "met" if measured.met else "NOT MET",
        f"{measured.peer_name} ({len(measured.runs.ours)} and {len(measured.runs.peer)} samples)",
    )


def _short(figure: float) -> str:
    return f"{figure:.3g}" if figure < 1000 else f"{figure:.0f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    return "  ".join(cells).rstrip()
