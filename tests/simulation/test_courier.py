"""The courier over the federation fake: what arrives, what does not count, and when it stops waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes.federation import FakeGrid, Respond, crashed, node_with, silent
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, RecordDict

from coordinator.edges.federation.grid import POLL_SECONDS, POLL_SECONDS_MAX, Clock, Courier, Outgoing, RunStopped
from node.edges.federation.worker import Answers, WorkerSettings
from protocols.errors import RefusalCode

PINNED = "a" * 64
SETTINGS = WorkerSettings("127.0.0.1:1", Path("secret"), PINNED, frame_bytes_max=10_000)


def answer(message_type: str, frame: bytes) -> bytes:
    return message_type.encode() + b":" + frame[::-1]


def refuse(code: RefusalCode) -> bytes:
    return b"refused:" + code.value.encode()


def broken(message_type: str, frame: bytes) -> bytes:
    raise RuntimeError("a path and a name that must not leave")


HONEST = node_with(Answers(answer, refuse), SETTINGS)


@contextmanager
def grid_of(nodes: dict[int, Respond], *, outages: int = 0, stopped: bool = False) -> Iterator[FakeGrid]:
    grid = FakeGrid(nodes, outages=outages, stopped=stopped)
    try:
        yield grid
    finally:
        grid.close()


def exchange(grid: FakeGrid, frames: dict[int, bytes], *, seconds: float = 5.0) -> dict[int, bytes]:
    outgoing = {node_id: Outgoing("train", frame) for node_id, frame in frames.items()}
    return Courier(grid, frame_bytes_max=10_000).exchange(outgoing, deadline_seconds=seconds, poll_seconds=0.001)


def exchange_in_turns(grid: FakeGrid, frames: dict[int, bytes]) -> dict[int, bytes]:
    """The exchange on a clock that moves only once every node has done what it does, however slow the machine is."""
    pauses: list[float] = []

    def passes(seconds: float) -> None:
        grid.settle()
        pauses.append(seconds)

    outgoing = {node_id: Outgoing("train", frame) for node_id, frame in frames.items()}
    courier = Courier(grid, frame_bytes_max=10_000, clock=Clock(lambda: sum(pauses), passes))
    return courier.exchange(outgoing, deadline_seconds=20)


def replying(content: RecordDict) -> Respond:
    return lambda asked: Message(content, reply_to=asked)


def test_frames_travel_verbatim_both_ways_and_the_exchange_ends_when_all_have_answered() -> None:
    frames = {11: bytes(range(256)), 12: b"\x00" * 999, 13: b"x"}
    begun = time.monotonic()
    with grid_of(dict.fromkeys(frames, HONEST)) as grid:
        assert exchange(grid, frames, seconds=60) == {node_id: answer("train", f) for node_id, f in frames.items()}
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("absent", [silent, crashed], ids=["silent", "crashed"])
def test_a_node_that_gives_no_answer_costs_only_its_own(absent: Respond) -> None:
    with grid_of({11: HONEST, 12: absent}) as grid:
        assert exchange_in_turns(grid, {11: b"one", 12: b"two"}) == {11: answer("train", b"one")}


def test_while_no_answer_comes_the_superlink_is_asked_ever_less_often() -> None:
    pauses: list[float] = []
    with grid_of({11: silent}) as grid:
        clock = Clock(lambda: sum(pauses), pauses.append)
        assert Courier(grid, clock=clock).exchange({11: Outgoing("train", b"one")}, deadline_seconds=20) == {}
    assert pauses[0] <= 2 * POLL_SECONDS
    assert pauses[:-1] == sorted(pauses[:-1])
    assert (max(pauses), round(sum(pauses), 6)) == (POLL_SECONDS_MAX, 20)


def test_a_node_the_superlink_does_not_know_is_not_waited_for() -> None:
    begun = time.monotonic()
    with grid_of({11: HONEST}) as grid:
        assert exchange(grid, {11: b"one", 99: b"two"}, seconds=60) == {11: answer("train", b"one")}
    assert time.monotonic() - begun < 5


def frame_array(
    data: bytes = b"abc", *, dtype: str = "uint8", stype: str = "intramuros.frame", length: int | None = None
) -> Array:
    return Array(dtype=dtype, shape=(len(data) if length is None else length,), stype=stype, data=data)


@pytest.mark.parametrize(
    "content",
    [
        RecordDict({}),
        RecordDict({"other": ArrayRecord({"frame": frame_array()})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(), "extra": frame_array()})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array()}), "metrics": ConfigRecord({"note": "text"})}),
        RecordDict({"wire": ConfigRecord({"frame": b"abc"})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(dtype="float32")})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(stype="numpy.ndarray")})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(length=4)})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(b"")})}),
        RecordDict({"wire": ArrayRecord({"frame": frame_array(b"x" * 10_001)})}),
    ],
    ids="empty record-name extra-array extra-record config dtype stype shape no-bytes too-long".split(),
)
def test_a_reply_that_is_not_exactly_one_frame_does_not_count(content: RecordDict) -> None:
    with grid_of({11: HONEST, 12: replying(content)}) as grid:
        assert exchange(grid, {11: b"one", 12: b"two"}) == {11: answer("train", b"one")}


@pytest.mark.parametrize("content_of_question", [RecordDict({}), RecordDict({"x": ConfigRecord({"path": "/etc"})})])
def test_a_question_that_is_not_exactly_one_frame_is_refused_by_the_node_with_a_frame(
    content_of_question: RecordDict,
) -> None:
    with grid_of({11: HONEST}) as grid:
        (asked,) = grid.push_messages([Message(content_of_question, 11, "train", ttl=60.0)])
        replies: list[Message] = []
        while not replies:
            replies = list(grid.pull_messages([asked]))
    record = replies[0].content["wire"]
    assert isinstance(record, ArrayRecord)
    assert record["frame"].data == refuse(RefusalCode.MESSAGE_REFUSED)


def test_a_question_of_another_type_is_refused() -> None:
    outgoing = {11: Outgoing("query.other", b"one")}
    with grid_of({11: HONEST}) as grid:
        answers = Courier(grid).exchange(outgoing, deadline_seconds=5, poll_seconds=0.001)
    assert answers == {11: refuse(RefusalCode.MESSAGE_REFUSED)}


def test_a_task_of_a_foreign_bundle_is_refused_before_its_message_is_read() -> None:
    foreign = node_with(Answers(broken, refuse), SETTINGS, bundle="b" * 64)
    with grid_of({11: foreign}) as grid:
        assert exchange(grid, {11: b"one"}) == {11: refuse(RefusalCode.BUNDLE_REFUSED)}


def test_an_exception_leaves_the_node_as_a_code_and_not_as_text(caplog: pytest.LogCaptureFixture) -> None:
    with grid_of({11: node_with(Answers(broken, refuse), SETTINGS)}) as grid:
        assert exchange(grid, {11: b"one"}) == {11: refuse(RefusalCode.INTERNAL_ERROR)}
    assert "must not leave" not in caplog.text


def test_when_even_the_refusal_cannot_be_made_nothing_is_sent() -> None:
    def no_refusal(code: RefusalCode) -> bytes:
        raise OSError("disk full")

    with grid_of({11: HONEST, 12: node_with(Answers(broken, no_refusal), SETTINGS)}) as grid:
        assert exchange_in_turns(grid, {11: b"one", 12: b"two"}) == {11: answer("train", b"one")}


def test_a_reply_that_never_ends_holds_up_neither_the_others_nor_the_deadline() -> None:
    pauses: list[float] = []
    with grid_of({11: HONEST, 12: HONEST, 13: HONEST}) as grid:

        def passes(seconds: float) -> None:
            grid.settle()
            pauses.append(seconds)

        grid.half_sent = frozenset({11})
        courier = Courier(grid, clock=Clock(lambda: sum(pauses), passes))
        outgoing = {node_id: Outgoing("train", b"one") for node_id in (11, 12, 13)}
        answers = courier.exchange(outgoing, deadline_seconds=20)
        assert answers == dict.fromkeys((12, 13), answer("train", b"one"))
        assert round(sum(pauses), 6) == 20

        grid.half_sent = frozenset()  # and the pull that was left behind is in nobody's way afterwards
        again = {node_id: Outgoing("train", b"two") for node_id in (11, 12, 13)}
        assert set(courier.exchange(again, deadline_seconds=20)) == {11, 12, 13}


def test_a_superlink_that_is_away_for_a_while_costs_nobody_an_answer() -> None:
    with grid_of({11: HONEST, 12: HONEST}, outages=7) as grid:
        assert set(exchange(grid, {11: b"one", 12: b"two"})) == {11, 12}
        assert grid.pushes == 2


def test_a_superlink_that_stays_away_is_waited_for_until_the_deadline_and_no_longer() -> None:
    pauses: list[float] = []
    with grid_of({11: HONEST}, outages=1_000_000) as grid:
        clock = Clock(lambda: sum(pauses), pauses.append)
        assert Courier(grid, clock=clock).exchange({11: Outgoing("train", b"one")}, deadline_seconds=20) == {}
    assert round(sum(pauses), 6) == 20


def test_a_stopped_run_ends_the_exchange_at_once() -> None:
    with grid_of({11: HONEST}, stopped=True) as grid, pytest.raises(RunStopped):
        exchange(grid, {11: b"one"}, seconds=60)


def test_a_reply_from_another_node_than_the_one_asked_does_not_count() -> None:
    def impersonating(asked: Message) -> Message | None:
        reply = HONEST(asked)
        assert reply is not None
        reply.metadata.__dict__["_src_node_id"] = 12
        return reply

    with grid_of({11: impersonating}) as grid:
        assert exchange(grid, {11: b"one"}) == {}
