"""`intramuros demo` as a program: a folder without labels, `--keep`, Ctrl-C, a process that dies under it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from waiting import patient, until

from deploy.demo.phantoms.folder import write_phantoms

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
FILMS_A_SITE = 4


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hospitals with four films each, and nobody who knows what they show."""
    images = tmp_path_factory.mktemp("images")
    write_phantoms(images, 7)
    for table in images.glob("*.csv"):
        table.unlink()
    for number, site in enumerate(sorted(images.glob("site-*"))):
        for place, file in enumerate(sorted(path for path in site.rglob("*") if path.is_file())):
            if number > 1 or place >= FILMS_A_SITE:
                file.unlink()
        if number > 1:
            site.rmdir()
    return images


class Demo:
    """One demo under way, its standard output in a file."""

    def __init__(self, work: Path, *arguments: str) -> None:
        self.work = work
        self._said = work / "said.txt"
        places = ("--work", str(work), "--report", str(work / "report.json"))
        # A shell's background job ignores Ctrl-C, and so would everything it starts.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.demo", *places, *arguments],
                stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
                env={**os.environ, "INTRAMUROS_PROBE": str(work)},
            )  # fmt: skip
        signal.signal(signal.SIGINT, before)

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.work / "report.json").read_text(encoding="utf-8"))
        return found

    def wait_for(self, words: str, seconds: float) -> None:
        end = time.monotonic() + patient(seconds)
        while words not in self.said:
            assert self.process.poll() is None, f"the demo ended before it said {words!r}:\n{self.said}"
            assert time.monotonic() < end, f"no {words!r} within {seconds} s:\n{self.said}"
            time.sleep(0.2)

    def children(self) -> list[int]:
        """Every process but the demo itself that carries its mark, in its environment or on its command line."""
        mark, found = str(self.work).encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self.process.pid:
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes() or mark in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
        return found

    def has_left_nothing(self) -> None:
        """A process that was killed is seen until the kernel has taken it down, so this asks more than once."""
        until(lambda: not self.children(), 20, "every process the demo began has ended")

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(patient(60))


@contextlib.contextmanager
def demo(work: Path, *arguments: str) -> Iterator[Demo]:
    begun = Demo(work, *arguments)
    try:
        yield begun
    finally:
        begun.end()


def test_a_folder_without_labels_walks_to_the_worklist_and_is_kept_running_until_ctrl_c(
    unlabelled: Path, tmp_path: Path
) -> None:
    with demo(tmp_path, "--images", str(unlabelled), "--keep") as run:
        run.wait_for("left running; Ctrl-C ends everything", 300)
        run.wait_for("reader 1", 20)
        signs_in(run.said)
        assert len(run.children()) > 2 * 5
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(patient(60)) == 0
        run.has_left_nothing()
    report = run.report
    assert "training needs labels.csv" in run.said
    assert (report["ok"], report["rounds"], report["seeds"]) == (True, 0, [])
    assert [site["images"] for site in report["sites"]] == [FILMS_A_SITE] * 2
    assert {site["verdict"] for site in report["sites"]} == {"no-labels"}
    assert [site["cases"] + site["quarantined"] for site in report["sites"]] == [FILMS_A_SITE] * 2
    assert report["canary"]["planted"] == 2 * FILMS_A_SITE
    assert report["canary"]["hits"] == 0
    assert report["canary"]["control_found"] == report["canary"]["control_sent"]
    assert report["ledger"]["verified"] is True


def signs_in(said: str) -> None:
    """The printed log-in of the first reader works at the printed address, once."""
    found = re.search(r"(http://127\.0\.0\.1:\d+)\s+reader 1\s+log-in (\S+)", said)
    assert found is not None, said
    address, code = found.groups()
    body = {"code": code}
    assert httpx.post(f"{address}/api/session", json=body, trust_env=False).is_success
    assert httpx.post(f"{address}/api/session", json=body, trust_env=False).status_code in (401, 403)


def test_ctrl_c_in_the_middle_ends_every_process(unlabelled: Path, tmp_path: Path) -> None:
    with demo(tmp_path, "--images", str(unlabelled)) as run:
        run.wait_for("hospital nodes: done", 200)
        assert run.children()
        run.process.send_signal(signal.SIGINT)
        assert run.process.wait(patient(60)) == 130
        run.has_left_nothing()
    assert "interrupted" in run.report["failed"]
    assert run.report["ok"] is False


def test_a_process_that_dies_is_named_with_the_step_and_its_log(unlabelled: Path, tmp_path: Path) -> None:
    with demo(tmp_path, "--images", str(unlabelled)) as run:
        run.wait_for("coordinator: done", 200)
        (coordinator,) = [pid for pid in run.children() if words_of(pid)[1:5] == ["-m", "coordinator", "run", "--home"]]
        os.kill(coordinator, signal.SIGKILL)
        assert run.process.wait(patient(200)) == 1
        run.has_left_nothing()
    assert re.search(r"failed at: \S", run.said)
    assert "process:   coordinator" in run.said
    assert re.search(r"log:       \S+", run.said)


def words_of(pid: int) -> list[str]:
    return (Path("/proc") / str(pid) / "cmdline").read_text().rstrip("\0").split("\0")


def test_a_folder_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with demo(tmp_path, "--images", str(tmp_path / "nowhere")) as run:
        assert run.process.wait(patient(60)) == 1
    assert "is not a folder" in run.said
    with demo(tmp_path, "--images", str(tmp_path)) as run:
        assert run.process.wait(patient(60)) == 1
    assert "no site-* folder" in run.said
