"""The one result format: everything follows from the samples, and a file that does not is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measured import Measured, measure, ratio_of, read, write
from benchmarks.table import lines
from benchmarks.targets import TARGETS, Better, chosen

STARTED = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEYS = {
    *("name", "what", "ours", "peer", "peer_name", "unit", "ratio", "target", "met", "runs", "started", "notes"),
    *("versions", "machine"),
}


def a_result(ours: tuple[float, ...] = (1.0, 2.0, 9.0), peer: tuple[float, ...] = (4.0, 3.0)) -> Measured:
    return measure("round-overhead", ours, peer, started=STARTED, notes=["a note"])


def edited(tmp_path: Path, **changes: Any) -> Path:
    path = write(a_result(), tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return path


def test_a_result_holds_the_medians_their_ratio_and_the_verdict() -> None:
    measured = a_result()
    assert (measured.ours, measured.peer, measured.ratio) == (2.0, 3.5, 1.75)
    assert (measured.target, measured.met) == (1.0, True)


def test_a_target_that_is_missed_is_told_as_not_met() -> None:
    measured = a_result(ours=(4.0,), peer=(3.0,))
    assert not measured.met
    assert "NOT MET" in lines([measured])[1]


def test_the_file_has_exactly_the_keys_of_the_format_and_reads_back_equal(tmp_path: Path) -> None:
    measured = a_result()
    path = write(measured, tmp_path)
    assert path.name == "round-overhead.json"
    assert set(json.loads(path.read_text())) == KEYS
    assert read(path) == measured


@pytest.mark.parametrize(
    "change",
    [
        {"ratio": 9.0},
        {"ours": 1.0},
        {"peer": 4.0},
        {"met": False},
        {"target": 0.5},
        {"name": "unheard-of"},
        {"unit": "ms"},
        {"runs": {"ours": [], "peer": [1.0]}},
        {"runs": {"ours": [-1.0], "peer": [1.0]}},
        {"started": "2026-11-22T03:00:00"},
        {"more": 1},
    ],
)
def test_a_file_that_does_not_follow_from_its_samples_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read(edited(tmp_path, **change))


def test_a_ratio_is_bigger_when_we_are_better_whichever_way_the_unit_runs() -> None:
    assert ratio_of(Better.SMALLER, 2.0, 6.0) == 3.0
    assert ratio_of(Better.BIGGER, 6.0, 2.0) == 3.0
    with pytest.raises(ValueError, match="no ratio"):
        ratio_of(Better.SMALLER, 0.0, 1.0)


def test_the_table_shows_only_what_was_run_under_one_head() -> None:
    told = lines([a_result()])
    assert len(told) == 2
    assert told[0].split()[:4] == ["name", "ours", "peer", "unit"]
    assert told[1].startswith("round-overhead")


def test_prefixes_choose_names_and_no_prefix_chooses_all() -> None:
    assert chosen("") == frozenset(TARGETS)
    assert chosen("qido, receive-1") == {"qido-200", "receive-1assoc"}
    with pytest.raises(ValueError, match="'nothing'"):
        chosen("qido,nothing")


def test_every_name_of_the_table_is_fit_for_a_file_name() -> None:
    assert all(name == target.name and name.replace("-", "").isalnum() for name, target in TARGETS.items())
