"""The ServerApp of every run: Flower starts it under the SuperExec, in a process of its own, by the bundle's one line.

It finds the coordinator's home in `INTRAMUROS_COORDINATOR_HOME`. It reads the coordinator's identity key there, because
instructions, receipts and the passport are sealed with it; it holds no credential of a partner and none of Flower's
Control API. Nobody can hand it its parts, so it asks the composition root for them, by name.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from flwr.app import Context
from flwr.serverapp import Grid, ServerApp

from coordinator.edges.federation.flower_internals import TRANSIENT, RunNotRunning, limit_patience
from coordinator.edges.federation.grid import Clock, Courier, Outgoing, RunStopped
from coordinator.edges.federation.superlink import COORDINATOR_HOME_VARIABLE
from coordinator.rounds.courier import CourierStopped, MessageType

_LOOK_PATIENCE_SECONDS = 5.0
_ROOT = "coordinator.__main__"


class Composition(Protocol):
    """What the composition root offers a ServerApp."""

    def conduct_plan(self, home: Path, courier: GridCourier, *, plan_id: str, start: int) -> None:
        """The live run of the plan is conducted to its end, unless another ServerApp took it up."""
        ...


class GridCourier:
    """The courier of a running ServerApp, as the flows know it."""

    def __init__(self, grid: Grid, clock: Clock | None = None) -> None:
        self._grid = grid
        self._courier = Courier(grid, clock=clock)

    def online(self) -> frozenset[int]:
        """The nodes that could answer now; none while the SuperLink is away. Raises: CourierStopped."""
        limit_patience(self._grid, _LOOK_PATIENCE_SECONDS)
        try:
            return frozenset(self._grid.get_node_ids())
        except RunNotRunning:
            raise CourierStopped("the run was stopped") from None
        except TRANSIENT:
            return frozenset()

    def exchange(self, frames: Mapping[int, tuple[MessageType, bytes]], deadline_seconds: float) -> dict[int, bytes]:
        """The answers that arrived in time, by node. Raises: CourierStopped."""
        outgoing = {node_id: Outgoing(message_type, frame) for node_id, (message_type, frame) in frames.items()}
        try:
            return self._courier.exchange(outgoing, deadline_seconds=deadline_seconds)
        except RunStopped:
            raise CourierStopped("the run was stopped") from None


app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """The live run of the plan named in the run's configuration is conducted."""
    root = cast(Composition, importlib.import_module(_ROOT))
    home = Path(os.environ[COORDINATOR_HOME_VARIABLE])
    plan_id, start = str(context.run_config["plan-id"]), int(context.run_config["attempt"])
    root.conduct_plan(home, GridCourier(grid), plan_id=plan_id, start=start)
