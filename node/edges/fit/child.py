"""The fit child itself: reads requests on standard input, answers on standard output, until the input ends.

Rules: one export and one architecture for life; an answer to a failure is a code, the exception's text stays here;
nothing a library prints can get between the frames, because standard output is moved away; everything is done once with
noise before the first request, because libraries load parts of themselves late and behind closed doors no file opens.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import assert_never

import numpy as np
import torch
from torch import nn

from node.edges.fit import confine, messages
from node.edges.fit.frames import Frame, FrameDamaged, packed, read_frame
from node.training.catalog import (
    HyperparameterRefused,
    UnknownArchitecture,
    architecture,
    starting_tensors,
    tensor_specs,
)
from node.training.fit import NothingToTrain, TrainingDiverged, logits_of, train_steps
from node.training.membership import MIN_CASES
from node.training.own import round_figures, train_own
from node.training.ports import FitCode, FitReport, FitSettings
from node.training.privacy import RECORD_KEY_BYTES, NetworkNotPrivate, PatientNoise, PrivateOrder
from node.training.samples import ExportDamaged, PartSamples, TrainingExport, read_export
from node.training.weights import TensorNotFinite, Tensors, TensorShapeRefused, TensorShapes, from_blob, to_blob

_CODES: tuple[tuple[type[Exception], FitCode], ...] = (
    (TensorShapeRefused, FitCode.TENSORS_REFUSED),
    (TensorNotFinite, FitCode.TENSORS_REFUSED),
    (UnknownArchitecture, FitCode.ARCHITECTURE_REFUSED),
    (HyperparameterRefused, FitCode.ARCHITECTURE_REFUSED),
    (NetworkNotPrivate, FitCode.ARCHITECTURE_REFUSED),
    (ExportDamaged, FitCode.EXPORT_DAMAGED),
    (TrainingDiverged, FitCode.DIVERGED),
    (NothingToTrain, FitCode.NOTHING_TO_TRAIN),
    (FrameDamaged, FitCode.REQUEST_REFUSED),
    (MemoryError, FitCode.OUT_OF_MEMORY),
)


_REHEARSED = PrivateOrder(PatientNoise(1.0, 1.0, 1.0, 1.0), "rehearsal", "00" * RECORD_KEY_BYTES)


@dataclass(frozen=True, slots=True)
class Room:
    """What the child works with."""

    export: TrainingExport
    network: nn.Module
    specs: TensorShapes


def code_of(error: Exception) -> FitCode:
    """The code that stands for an exception."""
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    # torch has no type of its own for a refused allocation
    starved = isinstance(error, RuntimeError) and "allocate memory" in str(error)
    return FitCode.OUT_OF_MEMORY if starved else FitCode.INTERNAL


def answer(room: Room, request: messages.Request, blob: bytes) -> Frame | None:
    """The answer to a request; None where the child is to end."""
    match request:
        case messages.Shutdown():
            return None
        case messages.Train(settings=settings):
            return _trained(room, from_blob(room.specs, blob), settings)
        case messages.TrainOwn(settings=settings, rounds=rounds):
            return _own(room, from_blob(room.specs, blob), settings, rounds=rounds)
        case messages.Evaluate():
            figures = round_figures(room.network, from_blob(room.specs, blob), room.export)
            reading = figures.membership
            return _frame(
                messages.Evaluated(validation=figures.validation, membership_auc=reading.auc, light=reading.light)
            )
        case messages.ScoreHoldout():
            return _scored(room, from_blob(room.specs, blob))
        case _:
            assert_never(request)


def _trained(room: Room, start: Tensors, settings: FitSettings) -> Frame:
    report = _trains(settings)(room.network, start, room.export.train, settings)
    said = messages.Trained(training_loss=report.training_loss, steps=report.steps, record=report.record)
    return _frame(said, to_blob(room.specs, report.update))


def _trains(settings: FitSettings) -> Callable[[nn.Module, Tensors, PartSamples, FitSettings], FitReport]:
    """How these settings are trained. Opacus takes seconds to load: a child without privacy never does."""
    if settings.private is None:
        return train_steps
    from node.training.private_fit import train_private

    return train_private


def _own(room: Room, start: Tensors, settings: FitSettings, *, rounds: int) -> Frame:
    model = train_own(room.network, start, room.export, settings, rounds=rounds)
    said = messages.OwnTrained(best_round=model.best_round, figures=model.figures)
    return _frame(said, to_blob(room.specs, model.tensors))


def _scored(room: Room, tensors: Tensors) -> Frame:
    holdout = room.export.holdout
    logits = logits_of(room.network, tensors, holdout.pixels).tolist()
    return _frame(messages.HoldoutScored(logits=dict(zip(holdout.case_ids, logits, strict=True))))


def _frame(message: messages.Message, blob: bytes = b"") -> Frame:
    return Frame(messages.header_of(message), blob)


def _refusal(error: Exception) -> Frame:
    code = code_of(error)
    if code is FitCode.INTERNAL:
        _say_where(error)
    return _frame(messages.Refused(code=code))


def _say_where(error: Exception) -> None:
    """The log has the kind of a defect and where it is; its text may quote a sample and is not written."""
    places = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))
    sys.stderr.write(f"fit child: {type(error).__name__} at {where}\n")


def furnished(export_dir: Path, architecture_id: str, hyperparameters: Mapping[str, float], threads: int) -> Room:
    """A room with its export and network.

    Raises:
        ExportDamaged: the export cannot be read.
        UnknownArchitecture, HyperparameterRefused: the catalog refuses.
    """
    torch.set_num_threads(threads)
    specs = tensor_specs(architecture_id, hyperparameters)
    return Room(read_export(export_dir), architecture(architecture_id, hyperparameters), specs)


def rehearse(room: Room, architecture_id: str, hyperparameters: Mapping[str, float], *, private: bool = False) -> None:
    """Every kind of work was done once with noise, so that whatever loads late has loaded."""
    count = 2 * MIN_CASES
    pixels = np.random.default_rng(0).random((count, *room.export.train.pixels.shape[1:]), dtype=np.float32)
    labels = np.arange(count, dtype=np.int64) % 2
    noise = PartSamples(tuple(map(str, range(count))), np.arange(count, dtype=np.int64), labels, pixels)
    start = starting_tensors(architecture_id, hyperparameters, seed=0)
    settings = FitSettings(local_steps=1, batch_size=2, learning_rate=1e-3, weight_decay=0.0, seed=0)
    stage = replace(room, export=TrainingExport(noise, noise, noise))
    blob = to_blob(room.specs, start)
    asked: list[messages.Request] = [messages.TrainOwn(settings=settings, rounds=1)]
    if private:
        asked.append(messages.Train(settings=replace(settings, private=_REHEARSED)))
    for request in (*asked, messages.Evaluate(), messages.ScoreHoldout()):
        answer(stage, messages.request_in(messages.header_of(request)), blob)


def serve(room: Room, requests: int, answers: int) -> None:
    """Every request on one descriptor is answered on the other, until shutdown or the end of the stream."""
    while (asked := read_frame(partial(os.read, requests))) is not None:
        try:
            reply = answer(room, messages.request_in(asked.header), asked.blob)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is told as a code, and the child lives on
            reply = _refusal(error)
        if reply is None:
            return
        _write(answers, reply)


def _write(descriptor: int, frame: Frame) -> None:
    left = memoryview(packed(frame))
    while left:
        left = left[os.write(descriptor, left) :]


def _private_output() -> int:
    """Standard output under another number; what prints from now on goes to standard error."""
    private = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return private


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="node fit", description="Train on one export; spoken to over pipes.")
    parser.add_argument("--export", type=Path, required=True)
    parser.add_argument("--architecture", required=True)
    parser.add_argument("--hyperparameters", type=json.loads, default={})
    parser.add_argument("--private", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-mib", type=int, default=8192)
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """The child's life; exit code 0 after shutdown or end of input, 1 where it could not start."""
    given = _arguments(argv)
    answers = _private_output()
    confine.end_with_parent()
    confine.bound_process(memory_mib=given.memory_mib)
    try:
        room = furnished(given.export, given.architecture, given.hyperparameters, given.threads)
        rehearse(room, given.architecture, given.hyperparameters, private=given.private)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is told as a code
        _write(answers, _refusal(error))
        return 1
    confine.close_doors()
    _write(answers, _frame(messages.Ready()))
    serve(room, sys.stdin.fileno(), answers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
