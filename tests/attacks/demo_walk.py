"""A whole demo over the phantoms, as a process; one that does not end says where each of its threads stands."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import patient

ROOT = Path(__file__).resolve().parents[2]
_MOST_SECONDS = 300
_GRACE_SECONDS = 60


def walk_demo(work: Path) -> None:
    """The demo has walked under `work`, and everything it claims held."""
    arguments = ["--work", str(work), "--report", str(work / "report.json")]
    with subprocess.Popen([sys.executable, "-P", "-m", "deploy.demo", *arguments], cwd=ROOT) as demo:
        try:
            status = demo.wait(timeout=patient(_MOST_SECONDS))
        except subprocess.TimeoutExpired:
            _end(demo)
            pytest.fail(
                f"the demo did not end within {patient(_MOST_SECONDS):.0f} s; where it stood is on its standard error"
            )
    assert status == 0, "the demo failed; its own output says where"


def _end(demo: subprocess.Popen[bytes]) -> None:
    """The demo has said where it stands and is gone, with everything it started unless it did not heed SIGTERM."""
    demo.send_signal(signal.SIGUSR1)
    demo.send_signal(signal.SIGTERM)
    try:
        demo.wait(timeout=patient(_GRACE_SECONDS))
    except subprocess.TimeoutExpired:
        demo.kill()
