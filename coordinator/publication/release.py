"""A release: the file a partner receives, and its passport."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from safetensors.numpy import load, save

from coordinator.acceptance.pooled import pooled
from coordinator.offers.offer import Offer
from coordinator.rounds.run import Measurement, RoundAttempt, Run
from protocols.encoding import encode
from protocols.models import TensorSpec, check_blob
from protocols.passports import AttackLight, Passport, RoundRecord
from protocols.signing import Identity, Purpose, seal


@dataclass(frozen=True, slots=True)
class Release:
    """One published model."""

    release_id: str
    plan_id: str
    run_id: str
    model_sha256: str
    file_sha256: str
    light: AttackLight
    sealed_passport: bytes
    released_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model to publish with everything its passport tells. `rounds` are the closed attempts, one a round."""

    offer: Offer
    run: Run
    chosen_round: int
    model_sha256: str
    file: bytes
    rounds: Sequence[RoundAttempt]
    measurements: Sequence[Measurement]
    light: AttackLight


def tensor_file(specs: tuple[TensorSpec, ...], blob: bytes) -> bytes:
    """The tensors as safetensors. Raises: TensorsRefused when the blob does not fit."""
    check_blob(specs, blob)
    arrays, start = {}, 0
    for spec in specs:
        count = math.prod(spec.shape)
        arrays[spec.name] = np.frombuffer(blob, dtype="<f4", count=count, offset=start).reshape(spec.shape)
        start += spec.size_bytes
    return bytes(save(arrays))


def tensor_blob(specs: tuple[TensorSpec, ...], file: bytes) -> bytes:
    """The blob of a file that `tensor_file` made."""
    arrays = load(file)
    return b"".join(arrays[spec.name].astype("<f4").tobytes() for spec in specs)


def publish(chosen: Chosen, identity: Identity, *, release_id: str, coordinator_name: str, now: datetime) -> Release:
    """The release with its passport, sealed by the coordinator."""
    passport = _passport(chosen, release_id, coordinator_name, now)
    return Release(
        release_id=release_id,
        plan_id=passport.plan_id,
        run_id=passport.run_id,
        model_sha256=passport.model_sha256,
        file_sha256=passport.file_sha256,
        light=chosen.light,
        sealed_passport=seal(encode(passport), identity, Purpose.PASSPORT),
        released_at=now,
    )


def round_records(rounds: Sequence[RoundAttempt], measurements: Iterable[Measurement]) -> tuple[RoundRecord, ...]:
    """What each round had, with the figures of the model that came of it."""
    held = list(measurements)
    return tuple(
        RoundRecord(
            round=attempt.round,
            sites=attempt.sites,
            update_norm=attempt.update_norm,
            metrics=pooled(held, round_number=attempt.round),
        )
        for attempt in sorted(rounds, key=lambda attempt: attempt.round)
    )


def _passport(chosen: Chosen, release_id: str, coordinator_name: str, now: datetime) -> Passport:
    plan = chosen.offer.plan
    return Passport(
        release_id=release_id,
        plan_id=plan.plan_id,
        run_id=chosen.run.run_id,
        offer_sha256=chosen.offer.offer_sha256,
        coordinator_name=coordinator_name,
        model=plan.model,
        model_sha256=chosen.model_sha256,
        file_sha256=hashlib.sha256(chosen.file).hexdigest(),
        chosen_round=chosen.chosen_round,
        rounds=round_records(chosen.rounds, chosen.measurements),
        privacy=plan.privacy.mechanism,
        attack_light=chosen.light,
        attack_policy=plan.attack_policy,
        released_at=now,
    )
