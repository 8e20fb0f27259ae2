"""What one benchmark measured: raw samples of both sides, and everything else recomputable from them.

A value that exists is consistent: medians, ratio and verdict are those of the samples and of the table of targets. A
file under `var/bench` that was edited by hand is refused when it is read.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from benchmarks.targets import TARGETS, Better

ROOT: Final = Path(__file__).resolve().parents[2]
RESULTS: Final = ROOT / "var" / "bench"

Sample = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Samples = Annotated[tuple[Sample, ...], Field(min_length=1)]
Figure = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Runs(BaseModel):
    """Raw samples of both sides, in the order they were taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ours: Samples
    peer: Samples


class Measured(BaseModel):
    """One result, as its file holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    what: str
    ours: Sample
    """Median of our samples."""
    peer: Sample
    """Median of the peer's."""
    peer_name: str
    unit: str
    ratio: Figure
    """Bigger is better for us."""
    target: Figure
    met: bool
    runs: Runs
    started: AwareDatetime
    notes: tuple[str, ...]
    versions: dict[str, str]
    machine: dict[str, str]

    @model_validator(mode="after")
    def _follows_from_its_samples(self) -> Measured:
        target = TARGETS.get(self.name)
        if target is None:
            raise ValueError(f"there is no benchmark {self.name}")
        told = (self.what, self.peer_name, self.unit, self.target)
        if told != (target.what, target.peer_name, target.unit, target.ratio):
            raise ValueError("the words or the target are not those of the table")
        ours, peer = median(self.runs.ours), median(self.runs.peer)
        figures = zip(
            (self.ours, self.peer, self.ratio), (ours, peer, ratio_of(target.better, ours, peer)), strict=True
        )
        if not all(math.isclose(stated, recomputed, rel_tol=1e-9) for stated, recomputed in figures):
            raise ValueError("a figure does not follow from the samples")
        if self.met != (self.ratio >= self.target):
            raise ValueError("the verdict does not follow from ratio and target")
        return self


def ratio_of(better: Better, ours: float, peer: float) -> float:
    """How many times better we are; 1 is as good as the peer.

    Raises:
        ValueError: the divisor is zero, so that there is no ratio.
    """
    above, below = (peer, ours) if better is Better.SMALLER else (ours, peer)
    if below == 0:
        raise ValueError("a median of zero gives no ratio")
    return above / below


def measure(
    name: str, ours: Sequence[float], peer: Sequence[float], *, started: datetime, notes: Sequence[str]
) -> Measured:
    """The result of a benchmark from its raw samples. Raises: ValueError for samples that give none."""
    target = TARGETS[name]
    runs = Runs(ours=tuple(ours), peer=tuple(peer))
    our_median, peer_median = median(runs.ours), median(runs.peer)
    ratio = ratio_of(target.better, our_median, peer_median)
    return Measured(
        name=name,
        what=target.what,
        ours=our_median,
        peer=peer_median,
        peer_name=target.peer_name,
        unit=target.unit,
        ratio=ratio,
        target=target.ratio,
        met=ratio >= target.ratio,
        runs=runs,
        started=started,
        notes=tuple(notes),
        versions=versions("intramuros", "flwr", "numpy", "pydantic"),
        machine=machine(),
    )


def write(measured: Measured, folder: Path = RESULTS) -> Path:
    """The result's file, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{measured.name}.json"
    half = path.with_suffix(".half")
    half.write_text(json.dumps(measured.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    half.replace(path)
    return path


def read(path: Path) -> Measured:
    """The result of a file. Raises: ValueError when it does not follow from its samples."""
    return Measured.model_validate_json(path.read_bytes())


def machine() -> dict[str, str]:
    """What the figures were measured on, and how busy it was; no name and no path of it."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "cpu": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gb:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "load": " ".join(f"{average:.1f}" for average in os.getloadavg()),
    }


def versions(*distributions: str) -> dict[str, str]:
    """Python's version and those of the installed distributions."""
    found = {name: importlib.metadata.version(name) for name in distributions}
    return {"python": platform.python_version(), **found}


def now() -> datetime:
    """The present moment, aware, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
