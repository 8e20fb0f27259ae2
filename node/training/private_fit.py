"""Local training under differential privacy: DP-SGD whose unit is the patient.

Rules: a step draws every patient by itself with the plan's rate, and of a drawn patient one case; that case's gradient
is cut to the clip, so a patient with many films weighs as one with few; noise is added to the sum of what was drawn,
and the sum is divided by the number of patients expected, never by the number drawn; a step that draws nobody is a step
all the same. The draws and the noise come from `node.training.noise`, and so no update comes twice; torch's generator
only shifts pixels. Gradients of single samples are Opacus', on a copy of the network that its validator accepted. No
loss is reported: a mean over drawn patients would be a figure without noise. What follows a step (momentum, decay,
learning rate, the pull back of a plan for unlike hospitals) sees nothing but its noisy sum.

Source: Abadi et al., Deep Learning with Differential Privacy, CCS 2016, algorithm 1.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from opacus import GradSampleModule  # type: ignore[import-untyped]  # it ships no types
from opacus.validators import ModuleValidator  # type: ignore[import-untyped]  # it ships no types
from torch import nn
from torch.nn import functional

from node.training.fit import NothingToTrain, TrainingDiverged, copied, descend, pulled_back, shifted, targets_of
from node.training.networks import held_tensors, load_tensors, shown_once
from node.training.noise import SecretStream, drawn_patients, fresh_stream
from node.training.ports import FitReport, FitSettings
from node.training.privacy import NetworkNotPrivate, PatientNoise, PrivacyRecord, PrivateOrder, signed
from node.training.samples import PartSamples
from node.training.weights import TensorNotFinite, Tensors, to_blob, update_between

CHUNK_PATIENTS = 32
"""Gradients of so many patients are held at once; the sum is the same."""
_ABOVE_CLIP = 1e-6

Gradients = list[torch.Tensor]


def train_private(
    network: nn.Module,
    start: Tensors,
    samples: PartSamples,
    settings: FitSettings,
    *,
    stream: Callable[[], SecretStream] = fresh_stream,
) -> FitReport:
    """The update of exactly `settings.local_steps` private steps from these weights, with its signed record.

    Raises:
        NothingToTrain: there is no sample, or the settings hold no order for privacy.
        TrainingDiverged: a weight is not finite.
        NetworkNotPrivate: Opacus' validator refuses the network.
    """
    order = settings.private
    if order is None or not len(samples):
        raise NothingToTrain("the training part holds no sample, or nothing is ordered")
    load_tensors(network, start)
    watched = per_sample(network)
    parameters = [parameter for parameter in watched.parameters() if parameter.requires_grad]
    momenta: list[torch.Tensor | None] = [None for _ in parameters]
    began = copied(parameters)
    shown = shown_once(network, torch.from_numpy(samples.pixels))
    cohort = Patients(samples.patients, shown, targets_of(samples, settings.label_smoothing))
    for _ in range(settings.local_steps):
        secret = stream()
        total = clipped_sum(watched, *cohort.drawn(order.noise.sampling_rate, secret), clip_norm=order.noise.clip_norm)
        noisy = noisy_mean(total, order.noise, secret)
        descend(parameters, pulled_back(noisy, parameters, began, settings.proximal_mu), momenta, settings)
    return _report(start, held_tensors(watched.to_standard_module()), order, settings.local_steps)


class Patients:
    """The training part by patient."""

    def __init__(self, patients: NDArray[np.int64], shown: torch.Tensor, targets: torch.Tensor) -> None:
        self._shown, self._targets = shown, targets
        self._cases = [np.flatnonzero(patients == patient) for patient in np.unique(patients)]

    def drawn(self, rate: float, secret: SecretStream) -> tuple[torch.Tensor, torch.Tensor]:
        """What one step shows, and its targets: one case of each drawn patient; none where nobody is drawn."""
        patients = drawn_patients(len(self._cases), rate=rate, stream=secret)
        places = torch.from_numpy(self._one_each(patients, secret))
        rng = torch.Generator().manual_seed(secret.seed())
        return shifted(self._shown[places], rng), self._targets[places]

    def _one_each(self, patients: NDArray[np.int64], secret: SecretStream) -> NDArray[np.int64]:
        where = secret.uniforms(len(patients))
        cases = [self._cases[patient] for patient in patients]
        return np.array([own[int(at * len(own))] for own, at in zip(cases, where, strict=True)], dtype=np.int64)


def per_sample(network: nn.Module) -> GradSampleModule:
    """A copy of the network that gives the gradient of every sample.

    Raises:
        NetworkNotPrivate: a layer mixes samples.
    """
    own = copy.deepcopy(network).train()
    if ModuleValidator.validate(own, strict=False):
        raise NetworkNotPrivate("a layer of the network mixes samples")
    return GradSampleModule(own, loss_reduction="sum", strict=True)


def clipped_sum(
    watched: GradSampleModule, pixels: torch.Tensor, targets: torch.Tensor, *, clip_norm: float
) -> Gradients:
    """The sum of the patients' gradients, each cut to the clip; zeros where there is no patient. One sample a patient.

    Taking one patient out changes the sum by a vector no longer than the clip.
    """
    parameters = [parameter for parameter in watched.parameters() if parameter.requires_grad]
    total = [torch.zeros_like(parameter) for parameter in parameters]
    for few, wanted in zip(torch.split(pixels, CHUNK_PATIENTS), torch.split(targets, CHUNK_PATIENTS), strict=True):
        if not len(few):
            continue
        logits = watched(few.requires_grad_())  # Opacus' hooks are heard only where the input has a gradient too
        loss = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
        torch.autograd.backward(loss)
        cut = _cut([parameter.grad_sample for parameter in parameters], clip_norm)
        total = [held + more for held, more in zip(total, cut, strict=True)]
        watched.zero_grad(set_to_none=True)
    return total


def _cut(of_patients: Sequence[torch.Tensor], clip_norm: float) -> Gradients:
    norms = torch.stack(
        [torch.linalg.vector_norm(one.flatten(1), dim=1, dtype=torch.float64) for one in of_patients]
    ).square()
    factors = (clip_norm / (norms.sum(dim=0).sqrt() + _ABOVE_CLIP)).clamp(max=1.0).to(torch.float32)
    return [torch.einsum("p,p...->...", factors, one) for one in of_patients]


def noisy_mean(total: Gradients, noise: PatientNoise, secret: SecretStream) -> Gradients:
    """The sum with noise, over the patients expected: the only thing of a step that goes on."""
    spread = noise.noise_multiplier * noise.clip_norm
    noisy = [one + spread * torch.from_numpy(secret.gaussians(one.numel())).reshape(one.shape) for one in total]
    return [(one / noise.expected_patients).to(torch.float32) for one in noisy]


def _report(start: Tensors, end: Tensors, order: PrivateOrder, steps: int) -> FitReport:
    update = update_between(start, end)
    shapes = tuple((name, tensor.shape) for name, tensor in update.items())
    try:
        digest = hashlib.sha256(to_blob(shapes, update)).hexdigest()
    except TensorNotFinite:
        raise TrainingDiverged("a weight is not finite") from None
    record = PrivacyRecord(order.reservation, order.noise, steps, digest)
    return FitReport(update, None, steps, signed(record, bytes.fromhex(order.key)))
