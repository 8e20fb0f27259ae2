"""The hospital's own model: what it would have without the federation, by the same means.

Rules: the same architecture, starting weights, data, schedule and number of optimiser steps as the shared model; one
checkpoint a round; the best by validation is kept, the holdout is not looked at.
"""

from __future__ import annotations

import numpy as np
from torch import nn

from node.training.evaluate import Evaluation, cross_entropies, evaluate
from node.training.fit import logits_of, train_steps
from node.training.membership import membership_reading
from node.training.ports import FitSettings, OwnModel, RoundFigures
from node.training.samples import PartSamples, TrainingExport
from node.training.schedule import round_settings
from node.training.weights import Tensors


def train_own(
    network: nn.Module, start: Tensors, export: TrainingExport, settings: FitSettings, *, rounds: int
) -> OwnModel:
    """The best checkpoint of `rounds` rounds on this hospital's samples alone.

    Raises:
        NothingToTrain: there is no sample.
        TrainingDiverged: the loss is not finite.
    """
    tensors, best, best_round = start, start, 0
    figures: list[Evaluation] = []
    for number in range(1, rounds + 1):
        step = train_steps(network, tensors, export.train, round_settings(settings, round_number=number, rounds=rounds))
        tensors = {name: np.asarray(tensors[name] + change, dtype=np.float32) for name, change in step.update.items()}
        figures.append(_evaluated(network, tensors, export.validation))
        if best_checkpoint(figures) == number:
            best, best_round = tensors, number
    return OwnModel(best, best_round, tuple(figures))


def best_checkpoint(figures: list[Evaluation]) -> int:
    """The number, from 1, of the checkpoint with the lowest validation loss; the later of two equal ones."""
    return max(range(1, len(figures) + 1), key=lambda number: (-figures[number - 1].loss, number))


def _evaluated(network: nn.Module, tensors: Tensors, part: PartSamples) -> Evaluation:
    return evaluate(logits_of(network, tensors, part.pixels), part.labels, part.patients)


def round_figures(network: nn.Module, tensors: Tensors, export: TrainingExport) -> RoundFigures:
    """What these weights are worth on the validation part, and what their losses tell about membership.

    As many members as there are validation cases are asked, evenly spaced: a round need not score the whole cohort.
    """
    members, validation = _evenly_spaced(export.train, len(export.validation)), export.validation
    seen = logits_of(network, tensors, members.pixels)
    unseen = logits_of(network, tensors, validation.pixels)
    return RoundFigures(
        validation=evaluate(unseen, validation.labels, validation.patients),
        membership=membership_reading(
            cross_entropies(seen, members.labels), cross_entropies(unseen, validation.labels)
        ),
    )


def _evenly_spaced(part: PartSamples, count: int) -> PartSamples:
    places = np.unique(np.linspace(0, len(part) - 1, min(count, len(part))).astype(np.int64))
    return PartSamples(
        case_ids=tuple(part.case_ids[place] for place in places),
        patients=part.patients[places],
        labels=part.labels[places],
        pixels=part.pixels[places],
    )
