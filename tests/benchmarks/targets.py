"""Every benchmark by name, with what it is held against and the ratio it must reach: the one table of targets.

A ratio is bigger when we are better, whichever way the unit runs: `Better` says which way that is. Where a fixed bound
takes the place of a peer (`peer_name` says so), the peer's only sample is that bound. What else must hold for a name
(nothing lost, no leak) is an assertion of its benchmark, which then gives no result at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Better(StrEnum):
    """Which way the unit runs."""

    SMALLER = "smaller"
    BIGGER = "bigger"


@dataclass(frozen=True, slots=True)
class Target:
    """One name of the table: what is measured, against whom, and the ratio that meets the target."""

    name: str
    what: str
    peer_name: str
    unit: str
    better: Better
    ratio: float


_ORTHANC: Final = "Orthanc"
_BOUND: Final = "the bound"
_SMALLER, _BIGGER = Better.SMALLER, Better.BIGGER

_RECEIVING: Final = (
    Target("receive-1assoc", "1000 CT durable and indexed, one association", _ORTHANC, "instances/s", _BIGGER, 3.0),
    Target("receive-4assoc", "1000 CT durable and indexed, four associations", _ORTHANC, "instances/s", _BIGGER, 2.5),
    Target("receive-cpu", "CPU of all processes for an instance", _ORTHANC, "CPU s/instance", _SMALLER, 2.2),
    Target("receive-dcmtk", "as receive-4assoc, the peer without an index", "storescp", "instances/s", _BIGGER, 0.6),
    Target("frame-raw", "DICOMweb: one raw frame, p50", _ORTHANC, "s", _SMALLER, 7.0),
    Target("qido-200", "DICOMweb: a search of 200 instances, p50", _ORTHANC, "s", _SMALLER, 20.0),
    Target("metadata-200", "DICOMweb: metadata of 200 instances, p50", _ORTHANC, "s", _SMALLER, 20.0),
    Target("index-growth", "look-up at 1.5 M rows", "itself at 10 k rows", "s", _SMALLER, 0.5),
)
_DEIDENTIFYING: Final = (
    Target("deid-anonymizer", "headers de-identified, audited", "dicom-anonymizer", "headers/s and core", _BIGGER, 6.0),
    Target("deid-deid", "headers de-identified, audited", "deid", "headers/s and core", _BIGGER, 12.0),
    Target("deid-selftest", "required actions right on planted identifiers", "all of them", "share", _BIGGER, 0.999),
)
_READING: Final = (
    Target("consensus-error", "error of gold-anchored fusion", "majority vote, Dawid-Skene", "error", _SMALLER, 1.0),
    Target("consensus-calibration", "calibration error of the posterior", _BOUND, "ECE", _SMALLER, 1.0),
    Target("staple-inversion", "runs not inverted in the published setting", "99 %", "share", _BIGGER, 1.0),
    Target("adaptive-reads", "reads at equal error", "three reads each", "reads", _SMALLER, 1 / 0.7),
    Target("label-efficiency", "reader minutes to 95 % of the figure", "random, strided", "minutes", _SMALLER, 1 / 0.6),
    Target("crowd-320-sqlite", "320 readers, 26 departments: p95 of an action", _BOUND, "s", _SMALLER, 1.0),
    Target("crowd-320-postgres", "320 readers, 26 departments: p95 of an action", _BOUND, "s", _SMALLER, 1.0),
    Target("first-image", "600 slices: click to first frame", "Cornerstone3D on Orthanc", "s", _SMALLER, 5.0),
    Target("scroll", "600 slices: slices shown", "Cornerstone3D on Orthanc", "slices/s", _BIGGER, 1.0),
)
_FEDERATING: Final = (
    Target(
        "round-overhead", "a round beyond the training itself", "bare Flower app, train only", "s/round", _SMALLER, 1.0
    ),
    Target("secure-sum", "5 sites x 1 M parameters, one drop-out: CPU of a site", _BOUND, "CPU s", _SMALLER, 1.0),
    Target(
        "secure-round", "a round with secure aggregation", "plain Flower round with evaluation", "s", _SMALLER, 0.67
    ),
    Target("update-bytes", "what a site sends a round", "float32 arrays", "bytes", _SMALLER, 4.0),
    Target(
        "sim-200", "200 hospitals, some silent or lying: runs that end as approved", "all runs", "share", _BIGGER, 1
    ),
    Target("canary", "planted strings that stayed inside", "all of them", "share", _BIGGER, 1.0),
    Target("inversion", "figure of the inversion attack", "its pass line", "figure", _SMALLER, 1.0),
    Target("membership", "figure of the membership attack", "its pass line", "figure", _SMALLER, 1.0),
)
_LEARNING: Final = (
    Target("privacy-curve", "AUC above a plain CNN at the same budget", "0.05 above", "AUC", _BIGGER, 1.0),
    Target("films-auc", "federated and personalised films", "own, pooled, less the margin", "AUC", _BIGGER, 1.0),
    Target("lungs-dice", "federated and personalised lungs", "own, pooled, less the margin", "Dice", _BIGGER, 1.0),
    Target("train-throughput", "training on cached samples", "bare PyTorch loop", "samples/s", _BIGGER, 1.0),
    Target("infer", "one 512x512 film on the CPU", "eager PyTorch", "s", _SMALLER, 2.0),
    Target("suggest-path", "DICOM in to suggestion stored", "MONAI Label", "s", _SMALLER, 5.0),
)
_OPERATING: Final = (
    Target("order-scale", "1,000 partners, 10,000 plans on PostgreSQL: p95", _BOUND, "s", _SMALLER, 1.0),
    Target("install-time", "bundle unpacked to a node that answered C-ECHO", _BOUND, "s", _SMALLER, 1.0),
)

TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        target.name: target
        for group in (_FEDERATING, _RECEIVING, _DEIDENTIFYING, _READING, _LEARNING, _OPERATING)
        for target in group
    }
)


def chosen(only: str) -> frozenset[str]:
    """The names that begin with one of the comma-separated prefixes; all of them when none is given.

    Raises:
        ValueError: a prefix begins no name.
    """
    prefixes = [prefix.strip() for prefix in only.split(",") if prefix.strip()]
    if not prefixes:
        return frozenset(TARGETS)
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in TARGETS):
            raise ValueError(f"no benchmark's name begins with {prefix!r}")
    return frozenset(name for name in TARGETS if name.startswith(tuple(prefixes)))
