"""DP-SGD with the patient as the unit: sensitivity, sampling, normalisation, and the signed record."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from node.training.catalog import CHEST_CNN_GN_1, architecture, starting_tensors
from node.training.fit import NothingToTrain, TrainingDiverged
from node.training.noise import SecretStream
from node.training.ports import FitReport, FitSettings
from node.training.privacy import NetworkNotPrivate, PatientNoise, PrivateOrder, holds
from node.training.private_fit import (
    Patients,
    clipped_sum,
    noisy_mean,
    per_sample,
    train_private,
)
from node.training.samples import PartSamples
from node.training.weights import to_blob

SMALL = {"width": 8}
START = starting_tensors(CHEST_CNN_GN_1, SMALL, seed=0)
KEY = "5a" * 32
CLIP = 0.05
NOISE = PatientNoise(clip_norm=CLIP, noise_multiplier=1.0, sampling_rate=0.5, expected_patients=4.0)


class Silent(SecretStream):
    """A stream without noise; who is drawn stays as drawn."""

    def gaussians(self, count: int) -> np.ndarray:
        return np.zeros(count)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def settings(noise: PatientNoise = NOISE, **changes: object) -> FitSettings:
    fields = {"local_steps": 1, "batch_size": 4, "learning_rate": 1.0, "weight_decay": 0.0, "seed": 3}
    return FitSettings(**{**fields, **changes}, private=PrivateOrder(noise, "r", KEY))  # type: ignore[arg-type] # each of its own type


def films_of(*patients: int, seed: int = 0) -> PartSamples:
    rng = np.random.default_rng(seed)
    count = len(patients)
    pixels = rng.random((count, 1, 128, 128), dtype=np.float32)
    return PartSamples(tuple(map(str, range(count))), np.array(patients), np.arange(count) % 2, pixels)


def gradient_of(samples: PartSamples, *, clip_norm: float = CLIP) -> np.ndarray:
    """The clipped sum over these samples, one a patient, as one vector in double precision."""
    network = architecture(CHEST_CNN_GN_1, SMALL)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.copy_(torch.from_numpy(START[name]))
    targets = torch.from_numpy(samples.labels).to(torch.float32)
    total = clipped_sum(per_sample(network), torch.from_numpy(samples.pixels), targets, clip_norm=clip_norm)
    return np.concatenate([one.detach().numpy().astype(np.float64).ravel() for one in total])


def patients_of(samples: PartSamples) -> Patients:
    return Patients(samples.patients, torch.from_numpy(samples.pixels), torch.from_numpy(samples.labels))


def without(samples: PartSamples, place: int) -> PartSamples:
    kept = [number for number in range(len(samples)) if number != place]
    return PartSamples(
        tuple(samples.case_ids[number] for number in kept),
        samples.patients[kept],
        samples.labels[kept],
        samples.pixels[kept],
    )


def trained(samples: PartSamples, asked: FitSettings, *, silent: bool = False, keys: int = 0) -> FitReport:
    kind = Silent if silent else SecretStream
    numbers = iter(range(keys, keys + 10_000))
    network = architecture(CHEST_CNN_GN_1, SMALL)
    return train_private(network, START, samples, asked, stream=lambda: kind(next(numbers).to_bytes(32, "big")))


def length(report: FitReport) -> float:
    return math.sqrt(sum(float((one.astype(np.float64) ** 2).sum()) for one in report.update.values()))


@pytest.mark.parametrize("place", range(4))
def test_taking_one_patient_out_changes_the_sum_by_at_most_the_clip(place: int) -> None:
    cohort = films_of(1, 2, 3, 4)
    moved = np.linalg.norm(gradient_of(cohort) - gradient_of(without(cohort, place)))
    assert 0.99 * CLIP < moved <= CLIP, "these gradients are longer than the clip, so the bound is met and used"


def test_a_gradient_shorter_than_the_clip_is_left_as_it_is() -> None:
    cohort = films_of(1, 2)
    long = gradient_of(cohort, clip_norm=1e6)
    assert np.allclose(long, sum(gradient_of(without(cohort, place), clip_norm=1e6) for place in (0, 1)), atol=1e-5)


def test_the_sum_does_not_depend_on_how_many_gradients_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = films_of(1, 2, 3, 4, 5)
    whole = gradient_of(cohort)
    monkeypatch.setattr("node.training.private_fit.CHUNK_PATIENTS", 2)
    assert np.allclose(gradient_of(cohort), whole, atol=1e-6)


def test_a_patient_with_five_films_counts_once() -> None:
    rate_of_one = replace(NOISE, sampling_rate=1.0)
    many = trained(films_of(1, 1, 1, 1, 1), settings(rate_of_one), silent=True)
    # One step from rest with Nesterov momentum 0.9 moves by 1.9 times the mean; the mean is the sum over four expected.
    assert length(many) <= 1.9 * CLIP / NOISE.expected_patients * (1 + 1e-4)
    assert length(many) > 0.99 * 1.9 * CLIP / NOISE.expected_patients


def test_each_draw_shows_one_film_of_each_drawn_patient() -> None:
    cohort = patients_of(films_of(7, 7, 7, 8, 8, 9))
    shown = [cohort.drawn(1.0, SecretStream(number.to_bytes(32, "big")))[1] for number in range(30)]
    assert {len(targets) for targets in shown} == {3}
    assert {float(targets[2]) for targets in shown} == {1.0}, "patient 9 has one film"
    assert {float(targets[0]) for targets in shown} == {0.0, 1.0}, "of patient 7 another film is drawn now and then"


def test_patients_are_drawn_with_the_rate_and_not_by_a_fixed_number() -> None:
    cohort = patients_of(films_of(*range(8)))
    counts = [len(cohort.drawn(0.5, SecretStream(number.to_bytes(32, "big")))[1]) for number in range(400)]
    assert np.mean(counts) == pytest.approx(4.0, abs=5 * math.sqrt(8 * 0.25 / 400))
    assert np.var(counts) == pytest.approx(2.0, rel=0.4)


def test_the_sum_is_divided_by_the_expected_and_not_by_the_drawn_number() -> None:
    total = [torch.ones(3)]
    mean = noisy_mean(total, NOISE, Silent(bytes(32)))
    assert mean[0].tolist() == [0.25, 0.25, 0.25]
    # The same through training: twice the patients drawn of the same expectation go twice as far.
    rate_of_one = replace(NOISE, sampling_rate=1.0)
    one = trained(films_of(1), settings(rate_of_one), silent=True)
    assert length(one) == pytest.approx(1.9 * CLIP / 4, rel=1e-3)


def test_the_noise_of_a_step_has_the_spread_that_is_accounted_for() -> None:
    zeros = [torch.zeros(40_000), torch.zeros(20, 500)]
    noisy = torch.cat([one.flatten() for one in noisy_mean(zeros, NOISE, SecretStream(bytes(32)))]).numpy()
    assert noisy.std() == pytest.approx(NOISE.noise_multiplier * CLIP / NOISE.expected_patients, rel=0.02)
    assert len(np.unique(noisy)) > 0.99 * len(noisy), "no two numbers share their noise"


def test_a_step_that_draws_nobody_is_a_step_of_noise() -> None:
    nobody = replace(NOISE, sampling_rate=1e-9)
    report = trained(films_of(1, 2), settings(nobody, local_steps=2))
    assert report.steps == 2
    assert length(report) > 0
    assert length(trained(films_of(1, 2), settings(nobody, local_steps=2), silent=True)) == 0


def test_every_ordered_step_is_made_however_few_patients_there_are() -> None:
    assert trained(films_of(1), settings(local_steps=7)).steps == 7


def test_the_seed_of_a_plan_decides_nothing() -> None:
    network = architecture(CHEST_CNN_GN_1, SMALL)
    first, again = (train_private(network, START, films_of(1, 2), settings()) for _ in range(2))
    assert any(not np.array_equal(first.update[name], again.update[name]) for name in START)


def test_no_loss_is_told() -> None:
    assert trained(films_of(1, 2), settings()).training_loss is None


def test_the_record_is_signed_and_names_the_very_update() -> None:
    report = trained(films_of(1, 2, 3), settings(local_steps=3))
    record = report.record
    assert record is not None
    shapes = tuple((name, tensor.shape) for name, tensor in START.items())
    assert record.update_sha256 == hashlib.sha256(to_blob(shapes, report.update)).hexdigest()
    assert (record.reservation, record.noise, record.steps) == ("r", NOISE, 3)
    assert holds(record, bytes.fromhex(KEY))


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 2},
        {"reservation": "s"},
        {"update_sha256": "00" * 32},
        {"noise": replace(NOISE, noise_multiplier=2.0)},
        {"signature": ""},
    ],
)
def test_a_record_that_was_changed_does_not_hold(change: dict[str, object]) -> None:
    record = trained(films_of(1), settings()).record
    assert record is not None
    assert not holds(replace(record, **change), bytes.fromhex(KEY))  # type: ignore[arg-type] # each of its own type
    assert not holds(record, bytes(32))


def test_the_networks_of_the_catalog_have_gradients_of_single_patients() -> None:
    assert per_sample(architecture(CHEST_CNN_GN_1, SMALL).eval()).training


def test_a_network_with_batch_statistics_is_refused() -> None:
    with pytest.raises(NetworkNotPrivate):
        per_sample(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)))


def test_training_leaves_the_network_without_hooks() -> None:
    network = architecture(CHEST_CNN_GN_1, SMALL)
    train_private(network, START, films_of(1), settings())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


def test_nothing_to_train_on_and_no_order_are_refused() -> None:
    with pytest.raises(NothingToTrain):
        trained(films_of(), settings())
    with pytest.raises(NothingToTrain):
        trained(films_of(1), replace(settings(), private=None))


def test_weights_that_are_not_finite_end_training() -> None:
    with pytest.raises(TrainingDiverged):
        trained(films_of(1, 2), settings(learning_rate=1e38, local_steps=4))
