"""STAPLE for masks: one mask from several readers' masks, with how sure each pixel is, anchored by gold masks.

STAPLE is Dawid and Skene's model with a pixel for a case (`consensus.dawid_skene`), so it is estimated by the same
means: every reader's matrix is drawn towards what gold masks show of all readers, several starts, solutions that
exchange labels thrown away. Pixels on which the same readers said the same are one pattern, so work grows with the
patterns and memory with one slice. A reader may have marked a part of the image only.

Pixels are not independent, and small structures have few: what EM says of them is led by chance where readers err
often elsewhere. So the priors weigh `PRIOR_SHARE` of the pixels a reader saw, for every label, and `doubts` names
what makes the result one to look at before it is used.
Source: Warfield, Zou and Wells 2004, doi:10.1109/TMI.2004.828354; Landman et al. 2012, doi:10.1109/TMI.2011.2172215
(label inversion of small structures, missing data, and gold data as the remedy).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from node.consensus.dawid_skene import Beliefs, Estimate, dawid_skene
from node.consensus.errors import NothingToFuse, ShapesDiffer
from node.consensus.opinion_table import NO_GOLD, OpinionTable

UNSEEN = -1
PRIOR_SHARE, PRIOR_AT_LEAST = 0.1, 100.0
SMALL_PIXELS = 200
VOTE_OVERLAP = 0.5
CODE_BITS = 62
Labels = NDArray[np.int8]
"""int8 [slice, row, column]: 0 is background, `UNSEEN` what a reader was not shown."""
Pattern = tuple[int, tuple[int, ...], tuple[int, ...]]
"""Gold label or `NO_GOLD`, the readers who saw the pixel, what each said."""


class Doubt(StrEnum):
    """Why a fused mask wants a look."""

    NO_GOLD = "no-gold"
    FEW_READERS = "few-readers"
    SMALL_STRUCTURE = "small-structure"
    LABELS_EXCHANGED = "labels-exchanged"
    NOT_CONVERGED = "not-converged"
    UNLIKE_THE_VOTE = "unlike-the-vote"


@dataclass(frozen=True, slots=True)
class Volume:
    """One case: what each reader drew, [reader] in the order of the readers; `truth` where it is a gold case."""

    drawn: Sequence[Labels]
    truth: Labels | None = None


@dataclass(frozen=True, slots=True)
class FusedMask:
    """The likeliest label of each pixel, its posterior (float32), how readers err, and what to look at."""

    labels: Labels
    posterior: NDArray[np.float32]
    matrices: NDArray[np.float64]
    """float64 [reader, true label, drawn label]."""
    doubts: frozenset[Doubt]


def staple(volume: Volume, gold: Sequence[Volume], *, labels: int, seed: int) -> FusedMask:
    """One mask of `labels` labels, background included; gold volumes anchor the readers.

    Raises:
        ShapesDiffer: the masks of a volume are not on one grid.
        NothingToFuse: there is no mask, or nobody saw a pixel.
    """
    patterns: dict[Pattern, int] = {}
    placed = _placed(volume, patterns)
    every = [placed, *(_placed(known, patterns) for known in gold)]
    times = sum(np.bincount(one.ravel(), minlength=len(patterns)) for one in every)
    estimate = _estimated(list(patterns), np.asarray(times, dtype=np.float64), labels, seed)
    winner = estimate.fused.posterior.argmax(axis=1).astype(np.int8)
    likeliest = estimate.fused.posterior.max(axis=1).astype(np.float32)
    found = FusedMask(winner[placed], likeliest[placed], estimate.matrices, frozenset())
    doubts = frozenset(_doubts(volume, found, estimate, anchored=bool(gold)))
    return FusedMask(found.labels, found.posterior, found.matrices, doubts)


def voted(volume: Volume, labels: int) -> Labels:
    """The label most readers drew on each pixel, the lower one at a tie."""
    votes = np.stack([sum((drawn == label).astype(np.int16) for drawn in volume.drawn) for label in range(labels)])
    most: Labels = votes.argmax(axis=0).astype(np.int8)
    return most


def _placed(volume: Volume, patterns: dict[Pattern, int]) -> NDArray[np.int32]:
    """Which pattern each pixel shows; patterns that are new are added. One slice at a time."""
    _check(volume)
    placed = np.empty(volume.drawn[0].shape, dtype=np.int32)
    for at in range(len(placed)):
        said = np.stack([drawn[at].ravel() for drawn in volume.drawn])
        truth = np.full(said.shape[1], NO_GOLD, dtype=np.int8) if volume.truth is None else volume.truth[at].ravel()
        first, which = _distinct(truth, said)
        columns = np.vstack([truth[first], said[:, first]]).T.tolist()
        numbers = [patterns.setdefault(_pattern(column), len(patterns)) for column in columns]
        placed[at] = np.array(numbers, dtype=np.int32)[which].reshape(placed[at].shape)
    return placed


def _distinct(truth: Labels, said: Labels) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each distinct column of a slice first stands, and which of them every pixel shows."""
    rows = np.vstack([truth[None, :], said[(said != UNSEEN).any(axis=1)]]).astype(np.int64) + 1
    base = int(rows.max()) + 1
    if len(rows) * np.log2(base) > CODE_BITS:
        _, first, which = np.unique(rows, axis=1, return_index=True, return_inverse=True)
        return first, which.ravel()
    codes = np.zeros(rows.shape[1], dtype=np.int64)
    for row in rows:
        codes = codes * base + row
    _, first, which = np.unique(codes, return_index=True, return_inverse=True)
    return first, which.ravel()


def _pattern(column: list[int]) -> Pattern:
    truth, *said = column
    seen = tuple(reader for reader, label in enumerate(said) if label != UNSEEN)
    return truth, seen, tuple(said[reader] for reader in seen)


def _estimated(patterns: Sequence[Pattern], times: NDArray[np.float64], labels: int, seed: int) -> Estimate:
    readers = 1 + max((reader for _, seen, _ in patterns for reader in seen), default=-1)
    if not readers:
        raise NothingToFuse("nobody saw a pixel")
    opinions = [
        (at, reader, label)
        for at, (_, seen, said) in enumerate(patterns)
        for reader, label in zip(seen, said, strict=True)
    ]
    cases, who, chosen = (np.array(column, dtype=np.intp) for column in zip(*opinions, strict=True))
    table = OpinionTable(
        case_ids=tuple(map(str, range(len(patterns)))),
        reader_ids=tuple(map(str, range(readers))),
        options=tuple(map(str, range(labels))),
        cases=cases,
        readers=who,
        chosen=chosen,
    )
    seen_each = float(times[cases].sum()) / readers
    beliefs = Beliefs(strength=max(PRIOR_AT_LEAST, PRIOR_SHARE * seen_each))
    gold = np.array([truth for truth, _, _ in patterns], dtype=np.intp)
    return dawid_skene(table, gold, seed=seed, beliefs=beliefs, times=times)


def _doubts(volume: Volume, found: FusedMask, estimate: Estimate, *, anchored: bool) -> Iterator[Doubt]:
    if not anchored:
        yield Doubt.NO_GOLD
    if sum((drawn != UNSEEN).astype(np.int16) for drawn in volume.drawn).min() < 3:
        yield Doubt.FEW_READERS
    if estimate.inverted:
        yield Doubt.LABELS_EXCHANGED
    if not estimate.converged:
        yield Doubt.NOT_CONVERGED
    labels = estimate.matrices.shape[1]
    vote = voted(volume, labels)
    for label in range(1, labels):
        ours, theirs = found.labels == label, vote == label
        both = int(ours.sum()) + int(theirs.sum())
        if 0 < int(ours.sum()) < SMALL_PIXELS:
            yield Doubt.SMALL_STRUCTURE
        if both and 2 * int((ours & theirs).sum()) < VOTE_OVERLAP * both:
            yield Doubt.UNLIKE_THE_VOTE


def _check(volume: Volume) -> None:
    if not volume.drawn:
        raise NothingToFuse("there is no mask to fuse")
    shapes = {drawn.shape for drawn in volume.drawn} | ({volume.truth.shape} if volume.truth is not None else set())
    if len(shapes) != 1 or len(next(iter(shapes))) != 3:
        raise ShapesDiffer("the masks of a volume are not on one grid of slices")
