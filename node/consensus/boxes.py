"""Boxes of several readers fused into findings: who marked the same place, where it is, how sure it is.

Boxes that overlap by `OVERLAP` (intersection over union) or more are one finding; a finding takes at most one box of a
reader, the one that overlaps most. Its box is the mean of the boxes in it, weighted with their readers' weights. Its
posterior is naive Bayes over everyone who read the case: who marked it speaks for it, who did not against it, each with
the log odds of their accuracy; a finding and no finding are equally likely beforehand.
Source: weighted boxes fusion, Solovyev, Wang and Gabruseva 2021, doi:10.1016/j.imavis.2021.104117 (clusters, weighted
mean); the VinDr-CXR consensus of readers' boxes, doi:10.1038/s41597-022-01498-w.

Example: readers of accuracy 0.85; two of three mark a place: the odds are 0.85/0.15, the posterior 0.85.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from node.consensus.errors import NothingToFuse

OVERLAP = 0.4
MARKS_IT = 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A box in image pixels, x right, y down; x1 and y1 are outside."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        """Hold an area."""
        if not (self.x0 < self.x1 and self.y0 < self.y1):
            raise ValueError("a box has an area")


@dataclass(frozen=True, slots=True)
class Mark:
    """One reader's box."""

    reader_id: str
    box: Box


@dataclass(frozen=True, slots=True)
class Finding:
    """One place: its box, its posterior, who marked it, who read the case and did not."""

    box: Box
    posterior: float
    marked_by: tuple[str, ...]
    not_marked_by: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """True when the finding is likelier than none."""
        return self.posterior > MARKS_IT


def fuse_boxes(marks: Sequence[Mark], accuracies: Mapping[str, float], *, overlap: float = OVERLAP) -> list[Finding]:
    """The findings of one image, the surest first; `accuracies` names everyone who read it, also who marked nothing.

    Raises:
        NothingToFuse: nobody read it, or someone marked it without reading it.
    """
    if not accuracies or not {mark.reader_id for mark in marks} <= accuracies.keys():
        raise NothingToFuse("marks need the readers of the case")
    groups: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda one: (-accuracies[one.reader_id], one.reader_id, one.box.x0, one.box.y0)):
        group = _group_of(mark, groups, accuracies, overlap)
        if group is None:
            groups.append([mark])
        else:
            group.append(mark)
    findings = [_finding(group, accuracies) for group in groups]
    return sorted(findings, key=lambda finding: (-finding.posterior, finding.box.x0, finding.box.y0))


def intersection_over_union(first: Box, second: Box) -> float:
    """Shared area over joint area, 0..1."""
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(first) + _area(second) - shared)


def _group_of(
    mark: Mark, groups: Sequence[list[Mark]], accuracies: Mapping[str, float], overlap: float
) -> list[Mark] | None:
    """The group that the mark overlaps most and whose readers it is not of."""
    best, most = None, overlap
    for group in groups:
        if any(other.reader_id == mark.reader_id for other in group):
            continue
        shared = intersection_over_union(_mean(group, accuracies), mark.box)
        if shared >= most:
            best, most = group, shared
    return best


def _finding(group: Sequence[Mark], accuracies: Mapping[str, float]) -> Finding:
    marked = {mark.reader_id for mark in group}
    odds = sum(_log_odds(accuracy) * (1 if reader in marked else -1) for reader, accuracy in accuracies.items())
    return Finding(
        box=_mean(group, accuracies),
        posterior=1.0 / (1.0 + exp(-odds)),
        marked_by=tuple(sorted(marked)),
        not_marked_by=tuple(sorted(accuracies.keys() - marked)),
    )


def _mean(group: Sequence[Mark], accuracies: Mapping[str, float]) -> Box:
    weights = [accuracies[mark.reader_id] for mark in group]
    corners = [(mark.box.x0, mark.box.y0, mark.box.x1, mark.box.y1) for mark in group]
    x0, y0, x1, y1 = (
        sum(weight * corner[side] for weight, corner in zip(weights, corners, strict=True)) / sum(weights)
        for side in range(4)
    )
    return Box(x0, y0, x1, y1)


def _log_odds(accuracy: float) -> float:
    return log(accuracy / (1.0 - accuracy))


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
