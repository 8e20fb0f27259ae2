"""Models that came back, as safetensors files in the home directory; never pickled, never overwritten in place."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from node.ground.errors import NodeError
from node.training.weights import Tensors


class ModelDamaged(NodeError):
    """A stored model cannot be read."""


class ModelNotKept(NodeError):
    """A model could not be written to the disk."""


class WallModels:
    """Implements `RoundShelf` and `ModelsKept`; the wall process has one, and its threads take turns to write."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._turn = threading.Lock()

    def keep(self, name: str, tensors: Tensors) -> None:
        """The model is on the shelf under this name; one that is there already stays as it is.

        Raises:
            ModelNotKept: it could not be written; nothing is on the shelf under this name.
        """
        path = self._path(name)
        with self._turn:
            if not path.exists():
                _write_durably(path, save(tensors))

    def clear(self, beginning: str, *, but: str = "") -> None:
        """No model is on the shelf under a name that begins so, but that one."""
        with self._turn:
            for path in self._directory.glob("*.safetensors"):
                if path.stem.startswith(beginning) and path.stem != but:
                    path.unlink(missing_ok=True)

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


def _write_durably(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise ModelNotKept(f"model {path.stem} could not be written: {error.strerror}") from None
