"""The wall's side of the fit child: the port `FitChild` over a process of its own.

Rules: the child lives over the rounds of one plan, so that torch is loaded once; a refusal leaves it alive; where it
ends or is late, the next call starts another. `close` is final and may be called from another thread in the middle of a
call, which then fails with the code `ended`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from node.edges.fit import messages
from node.edges.fit.frames import Frame
from node.edges.fit.link import ChildLink
from node.training.catalog import tensor_specs
from node.training.membership import MembershipReading
from node.training.ports import FitCode, FitDeadlineExceeded, FitFailed, FitReport, FitSettings, OwnModel, RoundFigures
from node.training.weights import Tensors, from_blob, to_blob

Expected = TypeVar("Expected", bound=messages.Message)


@dataclass(frozen=True, slots=True)
class FitModel:
    """Which network of the catalog the child builds."""

    architecture_id: str
    hyperparameters: Mapping[str, float] = field(default_factory=dict)
    private: bool = False
    """Whether the child trains with noise; what that needs is loaded before its doors close."""


@dataclass(frozen=True, slots=True)
class FitLimits:
    """What the child may use: `deadline_seconds` is for one round, `own_deadline_seconds` for the own model."""

    threads: int = 1
    memory_mib: int = 8192
    start_deadline_seconds: float = 120.0
    deadline_seconds: float = 600.0
    own_deadline_seconds: float = 3600.0


class FitProcess:
    """A `FitChild` in a process of its own; the process starts with the first call."""

    def __init__(self, export_dir: Path, model: FitModel, limits: FitLimits) -> None:
        """Check the model against the catalog.

        Raises:
            UnknownArchitecture: the catalog has no such network.
            HyperparameterRefused: a hyperparameter is unknown or out of bounds.
        """
        self._specs = tensor_specs(model.architecture_id, model.hyperparameters)
        self._arguments = _arguments(export_dir, model, limits)
        self._limits = limits
        self._turn = threading.Lock()
        self._link: ChildLink | None = None
        self._closed = threading.Event()

    @property
    def process_id(self) -> int | None:
        """The running child's process id, None where none runs."""
        return None if self._link is None else self._link.process_id

    def train(self, start: Tensors, settings: FitSettings) -> FitReport:
        """The raw update of one round, started from these weights."""
        said, blob = self._ask(messages.Train(settings=settings), messages.Trained, start)
        return FitReport(from_blob(self._specs, blob), said.training_loss, said.steps, said.record)

    def evaluate(self, tensors: Tensors) -> RoundFigures:
        """The figures of these weights on the validation part."""
        said, _ = self._ask(messages.Evaluate(), messages.Evaluated, tensors)
        return RoundFigures(said.validation, MembershipReading(said.membership_auc, said.light))

    def train_own(self, start: Tensors, settings: FitSettings, *, rounds: int) -> OwnModel:
        """The hospital's own model after as many optimiser steps as it makes in `rounds` rounds."""
        said, blob = self._ask(messages.TrainOwn(settings=settings, rounds=rounds), messages.OwnTrained, start)
        return OwnModel(from_blob(self._specs, blob), said.best_round, said.figures)

    def score_holdout(self, tensors: Tensors) -> Mapping[str, float]:
        """The logit of every holdout case by case id."""
        said, _ = self._ask(messages.ScoreHoldout(), messages.HoldoutScored, tensors)
        return said.logits

    def close(self) -> None:
        """The child has ended, also in the middle of a call; no call is answered any more."""
        self._closed.set()
        link = self._link
        if link is not None:
            link.end()
        with self._turn:
            self._let_go()

    def _ask(self, request: messages.Request, expected: type[Expected], tensors: Tensors) -> tuple[Expected, bytes]:
        own = isinstance(request, messages.TrainOwn)
        seconds = self._limits.own_deadline_seconds if own else self._limits.deadline_seconds
        asked = Frame(messages.header_of(request), to_blob(self._specs, tensors))
        with self._turn:
            return self._exchange(self._link or self._start(), asked, expected, seconds)

    def _start(self) -> ChildLink:
        """A child that is ready; where `close` came in between, it is ended again and the call fails."""
        if self._closed.is_set():
            raise FitFailed(FitCode.ENDED)
        link = self._link = ChildLink(self._arguments)
        if self._closed.is_set():
            link.end()
        try:
            self._exchange(link, None, messages.Ready, self._limits.start_deadline_seconds)
        except FitFailed:
            self._let_go()
            raise
        return link

    def _exchange(
        self, link: ChildLink, asked: Frame | None, expected: type[Expected], seconds: float
    ) -> tuple[Expected, bytes]:
        try:
            said, blob = link.exchange(asked, seconds=seconds)
        except (FitFailed, FitDeadlineExceeded):
            self._let_go()
            raise
        if isinstance(said, messages.Refused):
            raise FitFailed(said.code)
        if not isinstance(said, expected):
            self._let_go()
            raise FitFailed(FitCode.ENDED)
        return said, blob

    def _let_go(self) -> None:
        if self._link is not None:
            self._link.end()
            self._link.release()
            self._link = None


def _arguments(export_dir: Path, model: FitModel, limits: FitLimits) -> tuple[str, ...]:
    stated = {
        "--export": str(export_dir),
        "--architecture": model.architecture_id,
        "--hyperparameters": json.dumps(dict(model.hyperparameters)),
        "--threads": str(limits.threads),
        "--memory-mib": str(limits.memory_mib),
    }
    words = tuple(word for option in stated.items() for word in option)
    return (*words, "--private") if model.private else words
