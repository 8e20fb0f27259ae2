"""The federation in one process: the coordinator's courier and the nodes' answers, with messages really serialised.

Loud rather than lenient: what Flower would refuse, this refuses. Not simulated: TLS, node keys, bundles on disk.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import httpx
from flwr.app import Error, Message
from flwr.serverapp import Grid
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.supercore.run import Run, RunNotRunningException
from flwr.supercore.task_identity import TaskIdentity

from node.edges.federation.flower_internals import Incoming, MessageRefused, frame_of, reply_to
from node.edges.federation.worker import Answers, WorkerSettings, answer_task

RUN_ID = 7
SUPERLINK_NODE_ID = 1
Respond = Callable[[Message], Message | None]


def over_the_wire(message: Message) -> Message:
    """The message as the other side rebuilds it from its serialised objects."""
    message.metadata.__dict__["_message_id"] = message.object_id
    contents = {identifier: held.deflate() for identifier, held in get_all_nested_objects(message).items()}
    rebuilt = inflate_object_from_contents(message.object_id, contents)
    assert isinstance(rebuilt, Message)
    rebuilt.metadata.__dict__["_message_id"] = message.object_id
    return rebuilt


@dataclass(slots=True)
class FakeTask:
    """One message as a worker gets it from its SuperNode; `sent` is the reply once there is one."""

    asked: Message
    bundle: str
    sent: Message | None = None
    alive: bool = False

    @contextlib.contextmanager
    def kept_alive(self) -> Iterator[None]:
        """While open, `alive` holds."""
        self.alive = True
        try:
            yield
        finally:
            self.alive = False

    def bundle_sha256(self) -> str:
        """The digest the test gave."""
        return self.bundle

    def read(self, frame_bytes_max: int) -> Incoming:
        """As the real task: exactly one frame, or MessageRefused."""
        try:
            return frame_of(over_the_wire(self.asked), frame_bytes_max)
        except (KeyError, ValueError, TypeError):
            raise MessageRefused("message could not be rebuilt") from None

    def send(self, frame: bytes) -> None:
        """The reply is in `sent`."""
        assert self.alive, "a reply after the task ended"
        self.sent = over_the_wire(reply_to(self.asked, frame))


def node_with(answers: Answers, settings: WorkerSettings, *, bundle: str | None = None) -> Respond:
    """A node that answers with the real worker's logic; `bundle` differs from the pinned one for a foreign one."""

    def respond(asked: Message) -> Message | None:
        task = FakeTask(asked, settings.allowed_bundle_sha256 if bundle is None else bundle)
        answer_task(task, answers, settings)
        return task.sent

    return respond


def silent(asked: Message) -> Message | None:
    """A node that never answers."""
    return None


def crashed(asked: Message) -> Message | None:
    """A node whose worker is gone: Flower answers in its place."""
    return Message(Error(code=8, reason="ClientApp stopped responding."), reply_to=asked)


@dataclass(slots=True)
class FakeGrid(Grid):
    """A grid over nodes in threads. `outages` calls fail as if the SuperLink were away; `stopped` ends the run.

    `half_sent` are nodes whose reply has come and whose reply's objects never do: who pulls it waits. `delay` is how
    many seconds of `now` a node's reply takes to come, by node and how many messages it had before.
    """

    nodes: dict[int, Respond]
    outages: int = 0
    stopped: bool = False
    pushes: int = 0
    half_sent: frozenset[int] = frozenset()
    delay: Callable[[int, int], float] = lambda _node_id, _before: 0.0
    now: Callable[[], float] = lambda: 0.0
    _due: dict[str, float] = field(default_factory=dict)
    _closed: threading.Event = field(default_factory=threading.Event)
    _asked_of: dict[str, int] = field(default_factory=dict)
    _made: list[Future[Message | None]] = field(default_factory=list)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=16))
    _replies: dict[str, Future[Message | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = RUN_ID, SUPERLINK_NODE_ID, 1

    def set_run(self, run: Run) -> None:
        """Nothing to set: there is one run."""

    @property
    def run(self) -> Run:
        """The one run."""
        return Run.create_empty(run_id=RUN_ID)

    def create_message(self, *positional: object, **named: object) -> Message:
        """Deprecated in Flower and refused here."""
        raise NotImplementedError("use the Message constructor")

    def get_node_ids(self) -> Iterable[int]:
        """The nodes, in the order given."""
        return list(self.nodes)

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """The identifiers of the messages; a node the grid does not know gets an empty one. A repeat is taken once."""
        self._answer_call()
        taken = []
        for message in messages:
            self.pushes += 1
            sent = over_the_wire(message)
            identifier = sent.metadata.message_id
            respond = self.nodes.get(sent.metadata.dst_node_id)
            if respond is not None and identifier not in self._replies:
                node_id = sent.metadata.dst_node_id
                before = sum(asked == node_id for asked in self._asked_of.values())
                self._due[identifier] = self.now() + self.delay(node_id, before)
                self._asked_of[identifier] = node_id
                self._replies[identifier] = self._pool.submit(respond, sent)
                self._made.append(self._replies[identifier])
            taken.append(identifier if respond is not None else "")
        return taken

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """The replies that are there; each is given once."""
        self._answer_call()
        arrived = []
        for identifier in message_ids:
            if self._asked_of[identifier] in self.half_sent:
                self._closed.wait()
            future = self._replies[identifier]
            if self.now() < self._due[identifier]:
                continue
            if future.done() and (reply := future.result()) is not None:
                self._replies[identifier] = Future()
                arrived.append(over_the_wire(reply))
        return arrived

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Not offered: the courier pushes and pulls by itself."""
        raise NotImplementedError("the courier pushes and pulls")

    def settle(self) -> None:
        """Every node has made its reply, or none."""
        wait(self._made)

    def close(self) -> None:
        """The nodes' threads have ended, and who waited for half a reply waits no longer."""
        self._closed.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _answer_call(self) -> None:
        if self.stopped:
            raise RunNotRunningException
        if self.outages > 0:
            self.outages -= 1
            raise httpx.ConnectError("the SuperLink is away")
