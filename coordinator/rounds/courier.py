"""The port to the federation engine: frames out to nodes, frames back, within a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from coordinator.ground.errors import CoordinatorError

MessageType = Literal["train", "evaluate", "query"]


class CourierStopped(CoordinatorError):
    """The engine ended this run; nothing more can be sent in it."""


class Courier(Protocol):
    """Carries opaque sealed frames; knows nodes by the SuperLink's numbers."""

    def online(self) -> frozenset[int]:
        """The nodes that could answer now."""
        ...

    def exchange(self, frames: Mapping[int, tuple[MessageType, bytes]], deadline_seconds: float) -> dict[int, bytes]:
        """The answers that arrived in time, by node; a silent node is missing. Raises: CourierStopped."""
        ...
