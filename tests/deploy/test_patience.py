"""Waiting longer on a slow machine, and what the variable may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.demo.__main__ import main
from deploy.demo.patience import VARIABLE, patient


def test_nothing_said_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert patient(60) == 60


def test_every_wait_is_that_many_times_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "10")
    assert patient(0.5) == 5


@pytest.mark.parametrize("told", ["", "0", "-1", "much", "nan", "inf", "0.5"])
def test_a_patience_that_is_no_whole_number_of_one_or_more_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv(VARIABLE, told)
    with pytest.raises(ValueError, match=VARIABLE):
        patient(1)


def test_the_demo_says_so_before_it_starts_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, "much")
    monkeypatch.setattr("sys.argv", ["intramuros demo", "--work", str(tmp_path / "work")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert VARIABLE in capsys.readouterr().err
    assert not (tmp_path / "work").exists()
