"""How an import is followed: a bar on a person's terminal, JSON lines for a script, silence where neither looks on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from node.flows.bring_in import ImportCounts
from node.wiring.terminal import say


class Onlooker(Protocol):
    """Who is told how far the import is."""

    def __call__(self, counts: ImportCounts, /) -> None:
        """These are the counts so far."""
        ...


def followed(progress: Iterable[ImportCounts], total: int, *, json_lines: bool) -> ImportCounts:
    """The last of the counts; on the way whoever looks on was told each of them."""
    counts = ImportCounts()
    with _lines(total) if json_lines else _bar(total) as tell:
        for counts in progress:
            tell(counts)
    return counts


@contextmanager
def _lines(total: int) -> Iterator[Onlooker]:
    yield lambda counts: typer.echo(json.dumps({"files": counts.files, "of": total, **asdict(counts)}))


@contextmanager
def _bar(total: int) -> Iterator[Onlooker]:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(say("import_so_far", files=0, received=0), total=total)

        def tell(counts: ImportCounts) -> None:
            so_far = say("import_so_far", files=counts.files, received=counts.received)
            bar.update(task, completed=counts.files, description=so_far)

        yield tell
