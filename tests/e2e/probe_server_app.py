"""The ServerApp of the harness: sends every online node random bytes, checks what comes back, writes it down."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.serverapp import Grid, ServerApp

from coordinator.edges.federation.flower_internals import frame_of, message_with
from coordinator.edges.federation.grid import Courier, Outgoing

app = ServerApp()


@app.main()
def main(grid: Grid, context: Context) -> None:
    """Every round's frames and answers are in `rounds.json` of the coordinator's home, as hexadecimal digits."""
    home = Path(os.environ["INTRAMUROS_COORDINATOR_HOME"])
    courier, told = Courier(grid), []
    config = context.run_config
    if config["hostile"]:
        (home / "rounds.json").write_text(json.dumps([send_malformed(grid)]))
        return
    for number in range(int(config["rounds"])):
        frames = {
            node_id: Outgoing("train" if number % 2 == 0 else "evaluate", os.urandom(int(config["frame-bytes"])))
            for node_id in grid.get_node_ids()
        }
        answers = courier.exchange(frames, deadline_seconds=float(config["deadline-seconds"]))
        told.append(
            {
                "sent": {str(node_id): out.frame.hex() for node_id, out in frames.items()},
                "answers": {str(node_id): frame.hex() for node_id, frame in answers.items()},
            }
        )
        (home / "rounds.json").write_text(json.dumps(told))


def send_malformed(grid: Grid) -> dict[str, list[str]]:
    """What the nodes answer to messages that are not one frame of an expected type."""
    asked: list[str] = []
    for node_id in grid.get_node_ids():
        record = RecordDict({"settings": ConfigRecord({"path": "/etc/passwd", "epochs": 10**9})})
        for message in (
            Message(record, node_id, "train", ttl=120.0, group_id="free text"),
            message_with(b"a frame", "train.more", node_id=node_id, life_seconds=120.0),
            message_with(b"", "train", node_id=node_id, life_seconds=120.0),
        ):
            asked.extend(grid.push_messages([message]))
    replies: list[Message] = []
    while asked:
        arrived = list(grid.pull_messages(asked))
        replies.extend(arrived)
        asked = [one for one in asked if one not in {reply.metadata.reply_to_message_id for reply in arrived}]
        time.sleep(0.2)
    return {"answers": [frame_of(reply, 1000).hex() for reply in replies]}
