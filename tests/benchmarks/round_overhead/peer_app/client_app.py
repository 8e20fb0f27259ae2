"""The peer's ClientApp: hands every array back moved by a little, a different little on each node.

Different, because Flower stores equal objects once, and three hospitals' updates are never equal.
"""

import numpy as np
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    """The received arrays, moved; no training."""
    step = np.float32(1e-3 * (1 + int(context.node_config["partition-id"])))
    arrays = message.content.array_records["arrays"]
    moved = ArrayRecord({name: Array(array.numpy() + step) for name, array in arrays.items()})
    return Message(RecordDict({"arrays": moved, "metrics": MetricRecord({"num-examples": 20})}), reply_to=message)


@app.evaluate()
def evaluate(message: Message, context: Context) -> Message:
    """A figure; no evaluation."""
    return Message(
        RecordDict({"metrics": MetricRecord({"num-examples": 20, "validation-auc": 0.75})}), reply_to=message
    )
