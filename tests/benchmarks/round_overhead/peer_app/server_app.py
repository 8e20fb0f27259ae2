"""The peer's ServerApp: Flower's own FedAvg and loop; notes the moment each round's aggregation ended, nothing else."""

import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg

app = ServerApp()
NODES = 3


class Noted(FedAvg):
    """FedAvg that remembers when each round's arrays were ready (and, when it evaluates, when that ended)."""

    def __init__(self, *, evaluates: bool) -> None:
        super().__init__(
            fraction_evaluate=1.0 if evaluates else 0.0,
            min_train_nodes=NODES,
            min_evaluate_nodes=NODES,
            min_available_nodes=NODES,
        )
        self.evaluates = evaluates
        self.ended: list[float] = []
        self.replies: list[int] = []

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """As FedAvg does."""
        held = list(replies)
        self.replies.append(sum(not reply.has_error() for reply in held))
        aggregated = super().aggregate_train(server_round, held)
        if not self.evaluates:
            self.ended.append(time.time())
        return aggregated

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        """As FedAvg does."""
        aggregated = super().aggregate_evaluate(server_round, replies)
        if self.evaluates:
            self.ended.append(time.time())
        return aggregated


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Rounds as the run's configuration says; the moments are in the file it names."""
    config, rng = context.run_config, np.random.default_rng(7)
    shapes: list[tuple[str, list[int]]] = json.loads(str(config["shapes"]))
    start = ArrayRecord({name: Array(rng.normal(size=shape).astype(np.float32)) for name, shape in shapes})
    strategy = Noted(evaluates=bool(config["evaluates"]))
    strategy.start(grid, start, num_rounds=int(config["rounds"]), timeout=60.0)
    noted = Path(str(config["noted"]))
    half = noted.with_suffix(".half")
    half.write_text(json.dumps({"ended": strategy.ended, "replies": strategy.replies}))
    half.replace(noted)
