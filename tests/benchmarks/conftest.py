"""`make bench`: which names run, how long they may take, and the one table at the end.

A benchmark is a test marked `bench("its-name")`. It takes `keep`, and hands it what it measured.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator

import pytest

from benchmarks.measured import Measured, write
from benchmarks.table import lines
from benchmarks.targets import TARGETS, chosen

SHORT_SECONDS, FULL_SECONDS = 60.0, 600.0
_HANGS_AFTER = 2
"""A benchmark that takes so many times its allowance hangs."""
_RESULTS = pytest.StashKey[list[Measured]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is measured yet."""
    config.stash.setdefault(_RESULTS, [])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the benchmarks only the chosen ones stay, and none may hang."""
    named = {item: mark.args[0] for item in items for mark in item.iter_markers("bench") if mark.args}
    unknown = sorted({name for name in named.values() if name not in TARGETS})
    if unknown:
        raise pytest.UsageError(f"not in the table of targets: {', '.join(unknown)}")
    try:
        names = chosen(os.environ.get("INTRAMUROS_BENCH_ONLY", ""))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    dropped = [item for item, name in named.items() if name not in names]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in dropped]
    for item in named:
        item.add_marker(pytest.mark.timeout(FULL_SECONDS * _HANGS_AFTER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of what was measured, and where the files are."""
    results = config.stash.get(_RESULTS, [])
    if not results:
        return
    terminalreporter.section("benchmarks")
    for line in lines(results):
        terminalreporter.write_line(line)
    for measured in results:
        terminalreporter.write_line(f"{measured.name}: raw samples and notes in var/bench/{measured.name}.json")


@pytest.fixture(autouse=True, scope="session")
def ended_is_torn_down() -> Iterator[None]:
    """A benchmark that is told to end ends its processes too, as with Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def seconds_allowed(short: bool) -> float:
    """How long one name may take."""
    return SHORT_SECONDS if short else FULL_SECONDS


@pytest.fixture
def keep(pytestconfig: pytest.Config) -> Callable[[Measured], None]:
    """Takes what was measured: its file is written and the table will show it."""

    def kept(measured: Measured) -> None:
        write(measured)
        pytestconfig.stash[_RESULTS].append(measured)

    return kept
