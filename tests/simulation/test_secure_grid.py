"""A secure run over Flower's own messages: real walls behind the real worker, the courier over the federation fake."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.federation import FakeGrid, Respond, crashed, node_with
from fakes.secure_walls import WalledHospital
from fakes.secure_world import SecureWorld, a_secure_world, checkpoint, conducted, plain_model
from flwr.app import Message

from coordinator.edges.federation.server_app import GridCourier
from node.edges.federation.worker import Answers, WorkerSettings
from protocols.flower_fleet import MESSAGE_TYPES
from protocols.inbox import RunState

PINNED = "a" * 64
SETTINGS = WorkerSettings("127.0.0.1:1", Path("secret"), PINNED)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureWorld]:
    made = a_secure_world(tmp_path, 4, threshold=3)
    yield made
    made.close()


def worker_of(hospital: WalledHospital) -> Respond:
    answering = hospital.wall.answering
    return node_with(Answers(answering.answer, answering.refuse), SETTINGS)


def gone_in_its_second_training(respond: Respond) -> Respond:
    """A worker that crashes over the second model it is given, and comes back."""
    trained: list[str] = []

    def answer(asked: Message) -> Message | None:
        if asked.metadata.message_type == "train":
            trained.append(asked.metadata.message_id)
            if len(trained) == 2:
                return crashed(asked)
        return respond(asked)

    return answer


def test_three_rounds_with_one_drop_out_give_bit_for_bit_the_plain_fixed_point_model(secure: SecureWorld) -> None:
    heard: set[str] = set()
    nodes = {number: worker_of(one) for number, one in secure.nodes.items()}
    second = next(number for number, one in secure.nodes.items() if one.number == 2)
    nodes[second] = gone_in_its_second_training(nodes[second])

    def listening(respond: Respond) -> Respond:
        def answer(asked: Message) -> Message | None:
            heard.add(asked.metadata.message_type)
            return respond(asked)

        return answer

    grid = FakeGrid({number: listening(respond) for number, respond in nodes.items()})
    try:
        run = conducted(secure, GridCourier(grid), secure.world.started(secure.offer))
    finally:
        grid.close()
    others = [one for one in secure.members if one.number != 2]
    assert (run.state, run.rounds_done) == (RunState.FINISHED, 3)
    assert checkpoint(secure, run, 3) == plain_model(run.run_id, [secure.members, others, secure.members])
    assert heard == set(MESSAGE_TYPES)
