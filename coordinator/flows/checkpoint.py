"""Checkpoints: the model of every round on the disk, believed only when its digest is the one in the books."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import replace

from pydantic import ValidationError
from safetensors import SafetensorError

from coordinator.flows.scene import Scene
from coordinator.publication.release import tensor_blob, tensor_file
from coordinator.rounds.instruction import Model
from coordinator.rounds.starting import starting_weights
from coordinator.rounds.states import EndReason, RoundState, RunEnds
from protocols.errors import TensorsRefused
from protocols.masking import SumTold
from protocols.models import model_digest
from protocols.strategies import StrategyName

_DIGEST_BYTES = 32
_SUM_HEAD = struct.Struct(">I")
"""The length of what is said of the sum (JSON), which stands between it and the words."""
_FORMER_SUM_HEAD = struct.Struct(">IQ")
"""Survivors and weight, in front of the words, as runs begun before sums named their sites have it."""


def save_model(scene: Scene, round_number: int, blob: bytes, moments: bytes) -> Model:
    """The model of a round, on the disk; before it what the plan's server optimiser remembers with it."""
    specs = scene.plan.model.tensors
    model = Model(round_number, model_digest(specs, blob), blob, moments)
    if moments:
        scene.conductor.models.write_moments(scene.run_id, round_number, _bound(model) + moments)
    scene.conductor.models.write_checkpoint(scene.run_id, round_number, tensor_file(specs, blob))
    return model


def save_sum(scene: Scene, round_number: int, said: SumTold, words: bytes) -> None:
    """The opened sum of a round, on the disk before its model is: hospitals will make that model from it."""
    told = said.model_dump_json().encode("ascii")
    content = _SUM_HEAD.pack(len(told)) + told + words
    scene.conductor.models.write_sum(scene.run_id, round_number, content)


def load_sum(scene: Scene, round_number: int) -> tuple[SumTold, bytes]:
    """The opened sum of a closed round. Raises: RunEnds when it is missing or damaged."""
    return read_sum(scene.conductor.models.read_sum(scene.run_id, round_number) or b"")


def read_sum(content: bytes) -> tuple[SumTold, bytes]:
    """What is said of a sum, and its words. Raises: RunEnds when the content is no sum."""
    try:
        if content[_SUM_HEAD.size : _SUM_HEAD.size + 1] == b"{":
            (length,) = _SUM_HEAD.unpack_from(content)
            start = _SUM_HEAD.size + length
            return SumTold.model_validate_json(content[_SUM_HEAD.size : start]), content[start:]
        survivors, weight = _FORMER_SUM_HEAD.unpack_from(content)
        return SumTold(survivors=survivors, weight=weight), content[_FORMER_SUM_HEAD.size :]
    except (ValidationError, struct.error):
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED) from None


def load_model(scene: Scene, round_number: int) -> Model:
    """The model of a closed round, or the starting weights for round 0.

    Raises:
        RunEnds: the checkpoint is missing or is not the model the books name.
    """
    blob, wanted = _stored(scene, round_number) if round_number else _starting(scene)
    try:
        digest = model_digest(scene.plan.model.tensors, blob)
    except TensorsRefused:
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED) from None
    if digest != wanted:
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED)
    return Model(round_number, digest, blob)


def load_base(scene: Scene, round_number: int) -> Model:
    """The model of the last closed round with what the server optimiser remembers of it: what the next is made from.

    Raises:
        RunEnds: as for any model, or what the optimiser remembers is missing or not of this model.
    """
    model = load_model(scene, round_number)
    if scene.plan.strategy.name is not StrategyName.FEDADAM or model.round == 0:
        return model
    content = scene.conductor.models.read_moments(scene.run_id, model.round) or b""
    found = replace(model, moments=content[_DIGEST_BYTES:])
    if not found.moments or _bound(found) != content[:_DIGEST_BYTES]:
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED)
    return found


def _bound(model: Model) -> bytes:
    """A digest over a model and what is remembered with it, so that neither is taken for another attempt's."""
    return hashlib.sha256(b"intramuros/moments/1" + bytes.fromhex(model.sha256) + model.moments).digest()


def _starting(scene: Scene) -> tuple[bytes, str]:
    seed = scene.plan.starting_weights.seed
    if seed is None:
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED)
    return starting_weights(scene.plan.model.tensors, seed), scene.offer.starting_sha256


def _stored(scene: Scene, round_number: int) -> tuple[bytes, str]:
    with scene.conductor.work.reading() as books:
        attempts = books.rounds.of_run(scene.run_id)
    closed = [held for held in attempts if held.round == round_number and held.state is RoundState.CLOSED]
    file = scene.conductor.models.read_checkpoint(scene.run_id, round_number)
    if not closed or file is None or closed[-1].model_sha256 is None:
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED)
    try:
        return tensor_blob(scene.plan.model.tensors, file), closed[-1].model_sha256
    except (SafetensorError, KeyError):
        raise RunEnds(EndReason.CHECKPOINT_DAMAGED) from None
