"""Local training, its schedule, and the hospital's own model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from node.training.catalog import CHEST_CNN_GN_1, architecture, starting_tensors
from node.training.evaluate import Evaluation, auc
from node.training.fit import NothingToTrain, TrainingDiverged, augmented, logits_of, pulled_back, train_steps
from node.training.membership import AttackLight
from node.training.own import best_checkpoint, round_figures, train_own
from node.training.ports import FitReport, FitSettings
from node.training.samples import PartSamples, TrainingExport
from node.training.schedule import FINAL_FRACTION, round_seed, round_settings
from node.training.weights import update_norm

SMALL = {"width": 8}
SETTINGS = FitSettings(local_steps=3, batch_size=4, learning_rate=0.03, weight_decay=1e-3, seed=5)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of a busy machine wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def part_of(cases: int, *, seed: int = 0, name: str = "t") -> PartSamples:
    """Noise; label 1 has a bright blob in the middle."""
    rng = np.random.default_rng(seed)
    labels = np.arange(cases) % 2
    pixels = rng.random((cases, 1, 128, 128), dtype=np.float32) * 0.5
    pixels[labels == 1, :, 40:88, 40:88] += 0.4
    return PartSamples(tuple(f"{name}{number}" for number in range(cases)), np.arange(cases), labels, pixels)


def trained(settings: FitSettings = SETTINGS, samples: PartSamples | None = None) -> FitReport:
    network = architecture(CHEST_CNN_GN_1, SMALL)
    return train_steps(
        network, starting_tensors(CHEST_CNN_GN_1, SMALL, seed=0), part_of(6) if samples is None else samples, settings
    )


def test_the_same_seed_gives_the_same_update_and_another_seed_another() -> None:
    first, again, other = trained(), trained(), trained(replace(SETTINGS, seed=6))
    assert all(np.array_equal(first.update[name], again.update[name]) for name in first.update)
    assert any(not np.array_equal(first.update[name], other.update[name]) for name in first.update)


@pytest.mark.parametrize(("cases", "steps"), [(2, 1), (4, 2), (5, 3), (6, 3), (30, 3)])
def test_a_round_makes_the_plans_steps_but_shows_no_sample_more_than_about_twice(cases: int, steps: int) -> None:
    assert trained(samples=part_of(cases)).steps == steps


def test_training_learns_what_is_there_to_learn() -> None:
    start = starting_tensors(CHEST_CNN_GN_1, SMALL, seed=0)
    network = architecture(CHEST_CNN_GN_1, SMALL)
    export = TrainingExport(part_of(16), part_of(8, seed=4), part_of(0))
    own = train_own(network, start, export, replace(SETTINGS, local_steps=8), rounds=5)
    unseen = part_of(20, seed=9)
    assert auc(logits_of(network, own.tensors, unseen.pixels), unseen.labels) > 0.95


def test_a_pull_back_of_nothing_changes_no_bit_and_a_stronger_one_keeps_the_weights_nearer() -> None:
    rested, *pulled = (trained(replace(SETTINGS, proximal_mu=mu)) for mu in (0.0, 1.0, 10.0))
    free = trained()
    assert all(np.array_equal(free.update[name], rested.update[name]) for name in free.update)
    ways = [update_norm(report.update) for report in (free, *pulled)]
    assert ways == sorted(ways, reverse=True)
    assert ways[-1] < 0.8 * ways[0]


def test_the_pull_is_the_gradient_of_half_the_squared_way_back() -> None:
    weight, began = torch.nn.Parameter(torch.tensor([3.0, -1.0])), torch.tensor([1.0, 1.0])
    (pulled,) = pulled_back([torch.tensor([0.5, 0.5])], [weight], [began], 2.0)
    assert pulled.tolist() == [0.5 + 2.0 * 2.0, 0.5 - 2.0 * 2.0]


def test_a_pull_past_the_beginning_is_no_setting() -> None:
    for mu in (-0.1, 40.0):
        with pytest.raises(ValueError, match="pull"):
            replace(SETTINGS, proximal_mu=mu)


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(NothingToTrain):
        trained(samples=part_of(0))


def test_a_loss_that_is_not_finite_ends_training() -> None:
    with pytest.raises(TrainingDiverged):
        trained(replace(SETTINGS, learning_rate=1e30, local_steps=8))


def test_training_loads_no_compiler() -> None:
    # torch's optimiser classes do: two seconds a child, and files opened where none may be
    trained_alone = """
import sys
import numpy as np
from node.training.catalog import architecture, starting_tensors
from node.training.fit import train_steps
from node.training.ports import FitSettings
from node.training.samples import PartSamples
samples = PartSamples(("a",), np.zeros(1, int), np.zeros(1, int), np.zeros((1, 1, 128, 128), np.float32))
chosen = ("chest-cnn-gn-1", {"width": 8})
train_steps(architecture(*chosen), starting_tensors(*chosen, seed=0), samples, FitSettings(1, 1, 0.01, 0.0, 0))
sys.exit("torch._dynamo" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", trained_alone], check=True)


def test_augmentation_shifts_a_film_by_up_to_eight_pixels_and_never_mirrors_it() -> None:
    film = torch.zeros(1, 1, 64, 64)
    film[0, 0, 30, 20], film[0, 0, 30, 40] = 0.5, 1.0
    shown = augmented(film.expand(200, 1, 64, 64), torch.Generator().manual_seed(2))
    assert shown.shape == (200, 1, 64, 64)
    dim, bright = ((shown == value).nonzero()[:, 2:] for value in (0.5, 1.0))
    assert torch.equal(bright - dim, torch.tensor([[0, 20]]).expand(200, 2)), "left stays left"
    shifts = dim - torch.tensor([30, 20])
    assert (shifts.amin().item(), shifts.amax().item()) == (-8, 8)


@pytest.mark.parametrize(
    "changed",
    [
        {"local_steps": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"weight_decay": -1.0},
        {"seed": -1},
        {"label_smoothing": 0.5},
    ],
)
def test_settings_nobody_can_train_with_do_not_exist(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        replace(SETTINGS, **changed)  # type: ignore[arg-type] # one field each, of its own type


def test_the_learning_rate_falls_from_the_plans_to_a_twentieth_and_every_round_has_its_seed() -> None:
    settings = [round_settings(SETTINGS, round_number=number, rounds=20) for number in range(1, 21)]
    rates = [setting.learning_rate for setting in settings]
    assert rates[0] == SETTINGS.learning_rate
    assert rates[-1] == pytest.approx(FINAL_FRACTION * SETTINGS.learning_rate)
    assert rates == sorted(rates, reverse=True)
    assert len({setting.seed for setting in settings}) == 20
    assert all(0 <= round_seed(SETTINGS.seed, number) < 2**31 for number in range(50))


def test_a_plan_of_one_round_trains_at_the_plans_rate() -> None:
    assert round_settings(SETTINGS, round_number=1, rounds=1).learning_rate == SETTINGS.learning_rate


@pytest.mark.parametrize("number", [0, 21])
def test_a_round_the_plan_does_not_have_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="of 20"):
        round_settings(SETTINGS, round_number=number, rounds=20)


def evaluation_of(loss: float) -> Evaluation:
    return Evaluation(loss, 0.5, 10, 10)


def test_the_best_checkpoint_has_the_lowest_validation_loss() -> None:
    assert best_checkpoint([evaluation_of(loss) for loss in (0.7, 0.4, 0.5, 0.4, 0.6)]) == 4


def test_the_own_model_is_the_best_of_its_checkpoints() -> None:
    network = architecture(CHEST_CNN_GN_1, SMALL)
    export = TrainingExport(part_of(8), part_of(6, seed=3, name="v"), part_of(0))
    own = train_own(network, starting_tensors(CHEST_CNN_GN_1, SMALL, seed=0), export, SETTINGS, rounds=3)
    assert len(own.figures) == 3
    found = round_figures(network, own.tensors, export)
    assert found.validation.loss == pytest.approx(min(figure.loss for figure in own.figures), rel=1e-5)


def test_a_hospital_with_one_class_trains_and_has_no_auc() -> None:
    network = architecture(CHEST_CNN_GN_1, SMALL)
    train, validation = (replace(part_of(12, seed=seed), labels=np.ones(12, dtype=np.int64)) for seed in (1, 2))
    start = starting_tensors(CHEST_CNN_GN_1, SMALL, seed=0)
    assert train_steps(network, start, train, SETTINGS).steps == 3
    figures = round_figures(network, start, TrainingExport(train, validation, part_of(0)))
    assert figures.validation.auc is None
    assert figures.membership.light is not AttackLight.CANNOT_BE_MEASURED
