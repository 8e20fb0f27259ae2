"""The pooled baseline: what one model would reach if all films lay in one place, which is what the product avoids.

Computed by the demo from the image folder alone, with a network and a preparation of films of its own, written apart
from the node's and equal to them (tests/deploy/test_pooled.py). Trains on the label file's train rows, keeps the epoch
with the lowest validation loss on a fifth of the train patients, and looks once at each site's holdout.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH = 24
_VALIDATION_FRACTION = 0.2


@dataclass(frozen=True, slots=True)
class PooledSettings:
    """As many epochs as the plan has rounds; an epoch has the `local_steps` of a round of every labelled site."""

    epochs_like_rounds: int
    local_steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    threads: int = 1
    """More threads than free cores only wait for each other; the nodes work out their verdicts meanwhile."""


@dataclass(frozen=True, slots=True)
class PooledFilms:
    """Prepared films float32 [film, 1, 128, 128] with label and site of each."""

    pixels: NDArray[np.float32]
    labels: NDArray[np.int64]
    sites: NDArray[np.str_]

    def where(self, chosen: NDArray[np.bool_]) -> PooledFilms:
        """The chosen films only."""
        return PooledFilms(self.pixels[chosen], self.labels[chosen], self.sites[chosen])


def tensor_specs(width: int = WIDTH) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Names and shapes of the network `chest-cnn-gn-1`, as a plan states them."""
    specs: list[tuple[str, tuple[int, ...]]] = []
    channels = 1
    for number, (factor, kernel) in enumerate(((1, 7), (2, 3), (4, 3), (8, 3), (8, 3)), start=1):
        out = factor * width
        specs += [(f"conv{number}.weight", (out, channels, kernel, kernel))]
        specs += [(f"norm{number}.weight", (out,)), (f"norm{number}.bias", (out,))]
        channels = out
    return (*specs, ("head.weight", (1, channels)), ("head.bias", (1,)))


def run_pooled(images: Path, settings: PooledSettings, seed: int) -> dict[str, float | None]:
    """The AUC of the pooled model on every site's holdout, None where a site has one class or no holdout."""
    from deploy.demo.pooled_training import prepared, trained_scores

    with (images / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parts = np.array([_part(row, seed) for row in rows])
    films = PooledFilms(
        pixels=np.stack([prepared(images / row["file"]) for row in rows]),
        labels=np.array([int(row["label"]) for row in rows], dtype=np.int64),
        sites=np.array([row["site"] for row in rows]),
    )
    train, validation, holdout = (films.where(parts == part) for part in ("train", "validation", "holdout"))
    scores = trained_scores(train, validation, holdout, settings, seed=seed)
    return {str(site): _auc_at(holdout, scores, site) for site in np.unique(films.sites)}


def _part(row: dict[str, str], seed: int) -> str:
    """By patient: a hash of the patient's invented number decides between training and validation."""
    digest = hashlib.sha256(f"{seed}|{row['site']}|{row['patient_id']}".encode()).digest()
    validates = int.from_bytes(digest[:8], "big") < _VALIDATION_FRACTION * 2**64
    open_part = "validation" if validates else "train"
    return "holdout" if row["split"] == "holdout" else open_part


def _auc_at(holdout: PooledFilms, scores: NDArray[np.float64], site: str) -> float | None:
    here = holdout.sites == site
    return area_under_curve(scores[here], holdout.labels[here])


def area_under_curve(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float | None:
    """The share of pairs in which the film of label 1 scores higher, ties half; None without a pair."""
    pairs = [(high, low) for high in scores[labels == 1] for low in scores[labels == 0]]
    if not pairs:
        return None
    return float(sum(1.0 if high > low else 0.5 if high == low else 0.0 for high, low in pairs) / len(pairs))
