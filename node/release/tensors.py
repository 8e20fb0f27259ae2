"""What tensors may cross, either way: those of the audited catalog, in its order, finite and bounded.

Batch statistics are means over patients. They are refused twice: by name, whatever else holds, and by provenance,
because the names and shapes must be exactly those the catalog computes for the architecture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from node.release.refusals import ArchitectureUnknown, GateRefused, ModelRefused
from node.training.catalog import HyperparameterRefused, UnknownArchitecture, audited, tensor_specs
from node.training.weights import (
    TensorNotFinite,
    Tensors,
    TensorShapeRefused,
    TensorShapes,
    check_tensors,
    from_blob,
    update_norm,
)
from protocols.errors import TensorsRefused
from protocols.models import Dtype, ModelManifest, TensorSpec, model_digest

_RUNNING = re.compile(r"(^|[._])(running_(mean|var|std)|num_batches_tracked|moving_(mean|average|variance))($|[._])")


def shapes_of(specs: tuple[TensorSpec, ...]) -> TensorShapes:
    """Names and shapes in wire order."""
    return tuple((spec.name, spec.shape) for spec in specs)


def running_statistics(names: Iterable[str]) -> list[str]:
    """The names that are batch statistics."""
    return [name for name in names if _RUNNING.search(name.lower())]


def check_manifest(manifest: ModelManifest) -> None:
    """Return when the manifest is one of the audited catalog, tensor by tensor.

    Raises:
        ArchitectureUnknown: unknown id or hyperparameter, other tensors, or tensors that are batch statistics.
    """
    if running_statistics(spec.name for spec in manifest.tensors):
        raise ArchitectureUnknown("the model has batch statistics")
    numbers = {parameter.name: parameter.value for parameter in manifest.hyperparameters}
    try:
        expected = tensor_specs(manifest.architecture, numbers)
        side_pixels = audited(manifest.architecture).side_pixels
    except (UnknownArchitecture, HyperparameterRefused) as reason:
        raise ArchitectureUnknown(str(reason)) from None
    if len(numbers) != len(manifest.hyperparameters) or manifest.input_pixels != side_pixels:
        raise ArchitectureUnknown("the manifest's input is not the catalog's")
    if manifest.input_channels != 1 or any(spec.dtype is not Dtype.FLOAT32 for spec in manifest.tensors):
        raise ArchitectureUnknown("the manifest's input or element type is not the catalog's")
    if shapes_of(manifest.tensors) != expected:
        raise ArchitectureUnknown("the manifest's tensors are not the catalog's")


def read_model(manifest: ModelManifest, blob: bytes, *, sha256: str, norm_bound: float) -> Tensors:
    """The received model's tensors.

    Raises:
        ModelRefused: a tensor too many or too few, another digest, a value that is not finite, or a huge norm.
    """
    try:
        digest = model_digest(manifest.tensors, blob)
        tensors = from_blob(shapes_of(manifest.tensors), blob)
    except (TensorsRefused, TensorShapeRefused, TensorNotFinite) as reason:
        raise ModelRefused(str(reason)) from None
    if digest != sha256:
        raise ModelRefused("the model's digest is not the one it was announced with")
    norm = update_norm(tensors)
    if norm > norm_bound:
        raise ModelRefused(f"the model's norm is {norm:.4g}, at most {norm_bound:.4g} is honest")
    return tensors


def check_update(manifest: ModelManifest, update: Tensors) -> None:
    """Return when the update has exactly the plan's tensors, and every value is finite.

    Raises:
        GateRefused: by `running-statistics`, `tensor-schema` or `finite`.
    """
    found = running_statistics(update)
    if found:
        raise GateRefused("running-statistics", f"{len(found)} tensor(s) are batch statistics")
    try:
        check_tensors(shapes_of(manifest.tensors), update)
    except TensorShapeRefused as reason:
        raise GateRefused("tensor-schema", str(reason)) from None
    except TensorNotFinite as reason:
        raise GateRefused("finite", str(reason)) from None


def check_norm(update: Tensors, bound: float) -> float:
    """The update's norm, which is within the plan's bound.

    Raises:
        GateRefused: by `norm`.
    """
    norm = update_norm(update)
    if norm > bound:
        raise GateRefused("norm", f"the update's norm is {norm:.4g}, the plan allows {bound:.4g}")
    return norm
