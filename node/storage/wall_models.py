"""Models that came back, as safetensors files in the home directory; never pickled, never overwritten in place."""

from __future__ import annotations

import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from node.ground.errors import NodeError
from node.training.weights import Tensors


class ModelDamaged(NodeError):
    """A stored model cannot be read."""


class WallModels:
    """Implements `ModelShelf` and `ModelsKept`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, name: str, tensors: Tensors) -> None:
        """The model is on the shelf under this name; one that is there already stays as it is."""
        path = self._path(name)
        if path.exists():
            return
        temporary = path.with_suffix(".new")
        with temporary.open("wb") as file:
            file.write(save(tensors))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def kept(self, name: str) -> Tensors | None:
        """The model of this name.

        Raises:
            ModelDamaged: its file cannot be read.
        """
        path = self._path(name)
        if not path.exists():
            return None
        try:
            return dict(load_file(path))
        except SafetensorError:
            raise ModelDamaged(f"model {name} cannot be read") from None

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}.safetensors"
