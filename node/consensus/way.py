"""A project's way of fusing and what is known for it, as values that are stored; nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

Matrix = tuple[tuple[float, ...], ...]
Gold = Mapping[tuple[str, str], str]
"""The known option by case and name of what is voted on."""


class Method(StrEnum):
    """How a project fuses; `vote` is the default and needs to know nothing of its readers."""

    VOTE = "vote"
    WEIGHTED = "weighted"
    DAWID_SKENE = "dawid-skene"


class ReaderEstimate(BaseModel):
    """How readers err on one thing voted on: rows are true options, columns said ones, in the order of `options`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    voted: str
    options: tuple[str, ...]
    shares: tuple[float, ...]
    of_all: Matrix
    """Of a reader who is not known."""
    of_reader: dict[str, Matrix]
    doubted: bool
    """True where every solution had exchanged the options, so that all readers are taken alike."""


@dataclass(frozen=True, slots=True)
class Fusing:
    """A project's way of fusing, with what is known for it."""

    method: Method = Method.VOTE
    estimates: Mapping[str, ReaderEstimate] = field(default_factory=dict)
    gold: Gold = field(default_factory=dict)
