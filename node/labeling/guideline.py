"""A project's guideline: versions that are kept, and what differs between two of them, line by line."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LineKind(StrEnum):
    """Whether a line stands in both versions, in the earlier or in the later one."""

    BOTH = "both"
    BEFORE = "before"
    AFTER = "after"


_SIGNS = {"  ": LineKind.BOTH, "- ": LineKind.BEFORE, "+ ": LineKind.AFTER}


@dataclass(frozen=True, slots=True)
class Guideline:
    """One version, counted from 1."""

    version: int
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the difference between two versions."""

    kind: LineKind
    text: str


def difference(before: str, after: str) -> list[DiffLine]:
    """Every line of both versions in their order. Source: difflib's Differ, without its hint lines."""
    compared = difflib.Differ().compare(before.splitlines(), after.splitlines())
    return [DiffLine(_SIGNS[line[:2]], line[2:]) for line in compared if line[:2] in _SIGNS]
