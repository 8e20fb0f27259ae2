"""What the demo found: `report.json` for programs and a table for people."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import mean, stdev
from typing import Any

_PARTS = ("intramuros", "flwr", "torch", "pydicom", "pynetdicom", "fastapi", "cryptography")


@dataclass(slots=True)
class SiteReport:
    """One hospital's row."""

    name: str
    images: int
    quarantined: int = 0
    readings: int = 0
    cases: int = 0
    auc: dict[str, float | None] = field(default_factory=lambda: {"own": None, "federated": None, "pooled": None})
    verdict: str = "no-labels"
    verdict_reason: str = ""
    interval: list[float] | None = None
    smallest_detectable_difference: float | None = None
    holdout_cases: int = 0

    def take(self, verdict: Mapping[str, Any], pooled_auc: float | None) -> None:
        """The row tells the hospital's verdict, as its API told it, and the pooled figure beside it."""
        self.auc = auc_of(verdict, pooled_auc)
        self.verdict, self.verdict_reason = verdict["benefit"] or verdict["state"], verdict["reason"] or ""
        self.interval = None if verdict["low"] is None else [verdict["low"], verdict["high"]]
        self.smallest_detectable_difference = verdict["smallest_detectable"]
        self.holdout_cases = verdict["cases"] or 0


def auc_of(verdict: Mapping[str, Any], pooled_auc: float | None) -> dict[str, float | None]:
    """The three figures of a hospital's holdout: own, federated, pooled."""
    return {"own": verdict["own_auc"], "federated": verdict["federated_auc"], "pooled": pooled_auc}


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What the plan of one seed came to: the figures by hospital."""

    seed: int
    rounds: int
    release_verified: bool
    attack_light: str
    auc: dict[str, dict[str, float | None]]


@dataclass(slots=True)
class Report:
    """Everything `report.json` holds."""

    ok: bool = False
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)
    machine: str = ""
    seed: int = 0
    rounds: int = 0
    aggregation: str = "plain"
    reader_error_rate: float = 0.0
    sites: list[SiteReport] = field(default_factory=list)
    seeds: list[SeedReport] = field(default_factory=list)
    """Every plan that was walked, one per seed; the rows of `sites` tell the first."""
    ledger: dict[str, Any] = field(default_factory=lambda: {"entries": 0, "verified": False})
    canary: dict[str, Any] = field(default_factory=lambda: {"planted": 0, "hits": 0})
    attack_light: str = "not-measured"
    release: dict[str, Any] = field(default_factory=lambda: {"file": None, "verified": False})
    step_seconds: dict[str, float] = field(default_factory=dict)
    failed: str = ""

    def write(self, path: Path) -> None:
        """The file holds this report, or what it held before."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)


def versions() -> dict[str, str]:
    """The versions of the product and of the parts it stands on."""
    return {"python": platform.python_version(), **{part: importlib.metadata.version(part) for part in _PARTS}}


def machine() -> str:
    """The kind of machine: cores and processor architecture, no name."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"


def table(report: Report) -> str:
    """The report as lines a person can read, English and Korean words side by side."""
    head = (
        f"{'site 병원':<14}{'images':>7}{'quarant. 격리':>14}{'readings 판독':>14}"
        f"{'own':>7}{'feder.':>8}{'pooled':>8}  benefit verdict 효과 판정"
    )
    lines = ["", head, "-" * 100]
    lines += [_row(site) for site in report.sites]
    if len(report.seeds) > 1:
        lines += _over_seeds(report)
    canary = report.canary
    lines += [
        "",
        f"rounds {report.rounds} · aggregation 집계: {report.aggregation} "
        + ("(the coordinator can read each hospital's update 조정 기관이 병원별 업데이트를 볼 수 있음)"
           if report.aggregation == "plain" else ""),
        f"ledger 반출 대장: {report.ledger['entries']} entries, "
        + ("verified 검증됨" if report.ledger["verified"] else "NOT VERIFIED"),
        f"canaries: {canary['planted']} planted, {canary['hits']} found in what left"
        + (f"; control {canary['control_found']}/{canary['control_sent']} found" if "control_sent" in canary else ""),
        f"attack light 공격 신호등: {report.attack_light} (policy: report)",
        f"release 모델: {report.release['file'] or 'none'}"
        + (" (verified 검증됨)" if report.release["verified"] else ""),
    ]  # fmt: skip
    return "\n".join(lines)


def _row(site: SiteReport) -> str:
    figures = "".join(
        f"{'-' if site.auc[kind] is None else format(site.auc[kind], '.3f'):>{width}}"
        for kind, width in (("own", 7), ("federated", 8), ("pooled", 8))
    )
    return f"{site.name:<16}{site.images:>7}{site.quarantined:>12}{site.readings:>14}{figures}  {_verdict_words(site)}"


def _verdict_words(site: SiteReport) -> str:
    words = site.verdict.replace("-", " ")
    if site.interval is not None:
        words += f" ({site.interval[0]:+.3f} … {site.interval[1]:+.3f})"
    if site.verdict == "not-distinguishable" and site.smallest_detectable_difference is not None:
        words += f", smallest detectable {site.smallest_detectable_difference:.3f}"
    return words + (f": {site.verdict_reason}" if site.verdict_reason else "")


def _over_seeds(report: Report) -> list[str]:
    """Mean and standard deviation of every figure over the seeds."""
    lines = ["", f"over {len(report.seeds)} seeds, mean ± sd (the table above is the first)"]
    for site in report.sites:
        figures = []
        for kind in ("own", "federated", "pooled"):
            found = [seed.auc[site.name][kind] for seed in report.seeds if site.name in seed.auc]
            known = [figure for figure in found if figure is not None]
            words = f"{mean(known):.3f} ± {stdev(known):.3f}" if len(known) > 1 else "-"
            figures.append(f"{kind} {words:<15}")
        lines.append(f"{site.name:<16}{'  '.join(figures)}")
    return lines
