"""Words of a site that lies: each sealed as its own, none of which may move a model or a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from fakes.hospitals import COORDINATOR, Hospital
from fakes.wall_cast import SPECS

from node.release.update import fixed_point_specs
from protocols.encoding import decode, encode, kind_of
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.models import Dtype, TensorSpec, blob_bytes
from protocols.plans import MetricName
from protocols.results import EvaluationResult
from protocols.signing import Purpose, seal, unseal
from protocols.updates import Metric, ModelUpdate

NUMBERS = blob_bytes(SPECS) // 4
_INT32 = fixed_point_specs(SPECS)
_SMUGGLED = TensorSpec(name="smuggled", shape=(1,), dtype=Dtype.INT32)
_SOMEBODY = "99999999-9999-4999-8999-999999999999"
_QUIET = np.zeros(NUMBERS, dtype="<i4").tobytes()
Lie = Callable[[Hospital, TrainInstruction], bytes]


def _update(hospital: Hospital, asked: TrainInstruction, blob: bytes = _QUIET, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "site_id": hospital.site_id, "plan_id": asked.plan_id, "run_id": asked.run_id, "round": asked.round,
        "attempt": asked.attempt, "base_model_sha256": asked.model_sha256, "weight": 20, "scale_bits": 20,
        "tensors": _INT32, "metrics": (),
    }  # fmt: skip
    return seal(encode(ModelUpdate(**{**fields, **changes}), blob), hospital.identity, Purpose.UPDATE)


def _changed(blob: bytes = _QUIET, **changes: Any) -> Lie:
    return lambda hospital, asked: _update(hospital, asked, blob, **changes)


def _filled(value: int) -> bytes:
    return np.full(NUMBERS, value, dtype="<i4").tobytes()


LIES: dict[str, Lie] = {
    "no seal": lambda _hospital, _asked: b"no seal at all",
    "half a frame": lambda hospital, asked: _update(hospital, asked)[:-99],
    "another's seal": lambda _hospital, asked: seal(encode(asked), COORDINATOR, Purpose.UPDATE),
    "another's name": _changed(site_id=_SOMEBODY),
    "another round": _changed(round=9),
    "another model": _changed(base_model_sha256="cd" * 32),
    "a tensor too many": _changed(_QUIET + bytes(4), tensors=(*_INT32, _SMUGGLED)),
    "a number too few": _changed(_QUIET[:-4]),
    "floats that are no numbers": _changed(np.full(NUMBERS, np.nan, dtype="<f4").tobytes()),
    "no numbers cast to whole ones": _changed(_filled(-(2**31))),
    "a huge update": _changed(_filled(2**30)),
    "a weight beyond its approval": _changed(weight=10_000_000),
    "another scale": _changed(scale_bits=8),
    "an impossible figure": _changed(metrics=(Metric(name=MetricName.VALIDATION_AUC, value=40.0),)),
    "a figure twice": _changed(metrics=(Metric(name=MetricName.VALIDATION_LOSS, value=0.0),) * 2),
}


def told(hospital: Hospital, sealed: bytes, lie: str) -> bytes:
    """What the site says to an instruction: its lie to a training, a figure that cannot be to a measurement."""
    frame = unseal(sealed, COORDINATOR.public, Purpose.INSTRUCTION)
    if kind_of(frame) == TrainInstruction.kind:
        return LIES[lie](hospital, decode(frame, TrainInstruction)[0])
    asked, _ = decode(frame, EvaluateInstruction)
    result = EvaluationResult(
        site_id=hospital.site_id,
        plan_id=asked.plan_id,
        run_id=asked.run_id,
        round=asked.round,
        attempt=asked.attempt,
        model_sha256=asked.model_sha256,
        cases=40,
        metrics=(Metric(name=MetricName.VALIDATION_AUC, value=2.0),),
    )
    return seal(encode(result), hospital.identity, Purpose.RESULT)
