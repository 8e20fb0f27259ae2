"""One instance accepted as it comes, piece by piece: a sender that sees success may forget it.

Before success the bytes, their name and what makes their row are on the disk, with one sync that no sender shares with
another; the row itself follows within a second, or at the next start, in a batch with all that wait. While rows cannot
follow, nothing more is accepted, so that what waits stays bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from node.flows.receive_parts import MEBIBYTE, ArrivingBytes, Described, ReceiveParts, new_row
from node.ground.audit import Actor
from node.ground.logs import log
from node.intake.errors import InstanceTooLarge, StoreFailed
from node.intake.part10 import file_head
from node.intake.received import NewReceived, Outcome

_MOST_WITHOUT_ROW: Final = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """What a sender says of an instance before its data set."""

    sop_class_uid: str
    sop_instance_uid: str = field(repr=False)
    transfer_syntax_uid: str


class Arriving:
    """One instance on its way in. Ends with `accept` or `abandon`, of which one must be called."""

    def __init__(self, accepting: Accepting, head: Head, sender: Actor) -> None:
        parts = accepting.parts
        self._accepting = accepting
        self._head = head
        self._sender = sender
        self._byte_count = 0
        self._digest = parts.lookups.growing_content(head.transfer_syntax_uid)
        self._bytes: ArrivingBytes = parts.incoming.begin()
        self._write(file_head(head.sop_class_uid, head.sop_instance_uid, head.transfer_syntax_uid))

    def take(self, piece: bytes | memoryview) -> None:
        """The piece of the data set stands behind those before it.

        Raises:
            StoreFull, StoreFailed: nothing was kept.
            InstanceTooLarge: nothing was kept and sending again cannot help.
        """
        self._byte_count += len(piece)
        most = self._accepting.parts.limits.max_instance_bytes
        if self._byte_count > most:
            self.abandon()
            raise InstanceTooLarge(limit_mib=most // MEBIBYTE)
        self._digest.update(piece)
        self._write(piece)

    def accept(self) -> None:
        """The instance will be found after any crash. Raises: StoreFull, StoreFailed; nothing was kept."""
        parts = self._accepting.parts
        described = Described(
            instance_lookup=parts.lookups.instance(self._head.sop_instance_uid),
            content_digest=self._digest.hexdigest(),
            byte_count=self._byte_count,
            identity={"instance": self._head.sop_instance_uid, "class": self._head.sop_class_uid},
        )
        new = new_row(parts, self._bytes.received_id, described, self._sender)
        try:
            parts.check_room()
            self._bytes.finish(new)
        except Exception:
            self.abandon()
            raise
        self._accepting.accepted(new)

    def abandon(self) -> None:
        """Nothing of it is kept."""
        self._bytes.abandon()

    def _write(self, piece: bytes | memoryview) -> None:
        try:
            self._bytes.take(piece)
        except Exception:
            self.abandon()
            raise


class Accepting:
    """Accepts instances from many senders at once, and lets their rows follow."""

    def __init__(self, parts: ReceiveParts) -> None:
        self.parts = parts
        self._without_row: list[NewReceived] = []
        self._queue = threading.Lock()
        self._rows_turn = threading.Lock()
        self._rows_due = threading.Event()
        self._rows_failed = False
        self._senders = 0
        self._nobody_sends = threading.Event()
        self._nobody_sends.set()

    @contextmanager
    def sender(self) -> Iterator[None]:
        """Somebody sends: what comes meanwhile may gather, so that its rows cost few commits."""
        with self._queue:
            self._senders += 1
            self._nobody_sends.clear()
        try:
            yield
        finally:
            with self._queue:
                self._senders -= 1
                if not self._senders:
                    self._nobody_sends.set()

    def gather(self, seconds: float) -> bool:
        """True as soon as nobody sends, so that nothing more would gather; False when somebody does for so long."""
        return self._nobody_sends.wait(seconds)

    def begin(self, head: Head, sender: Actor) -> Arriving:
        """An instance may come.

        Raises:
            StoreFull: no room; the sender keeps the instance and tries again.
            StoreFailed: the disk did not answer, or rows cannot follow at present.
        """
        self.parts.check_room()
        if self._rows_failed or len(self._without_row) >= _MOST_WITHOUT_ROW:
            raise StoreFailed
        return Arriving(self, head, sender)

    def accepted(self, new: NewReceived) -> None:
        """The row of an instance that will be found after any crash is due."""
        with self._queue:
            self._without_row.append(new)
        self._rows_due.set()

    def follow(self) -> None:
        """Every instance accepted so far has its row and its place. Raises: StoreFull, StoreFailed; it is tried again.

        Any number of threads may call it; one at a time does the work.
        """
        with self._rows_turn:
            self._rows_due.clear()
            with self._queue:
                batch = list(self._without_row)
            if not batch:
                return
            try:
                outcomes = self._indexed(batch)
            except Exception as error:
                self._rows_failed = True
                self._rows_due.set()
                log().error("rows could not follow", error_type=type(error).__name__, count=len(batch))
                raise
            self._rows_failed = False
            self._put_in_place(batch, outcomes)
            with self._queue:
                del self._without_row[: len(batch)]

    def wait_for_rows(self, seconds: float) -> bool:
        """True as soon as a row is due; False when none was for so long."""
        return self._rows_due.wait(seconds)

    def _indexed(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        """The outcome of every row. After a failure nobody knows which rows are there: those are not made twice."""
        held = self.parts.index.holds([new.received_id for new in batch]) if self._rows_failed else frozenset()
        rest = [new for new in batch if new.received_id not in held]
        outcomes = dict(zip((new.received_id for new in rest), self.parts.index.add(rest), strict=True))
        return [outcomes.get(new.received_id, Outcome.STORED) for new in batch]

    def _put_in_place(self, batch: Sequence[NewReceived], outcomes: Sequence[Outcome]) -> None:
        pairs = list(zip(batch, outcomes, strict=True))
        self.parts.incoming.place([new.received_id for new, outcome in pairs if outcome is not Outcome.DUPLICATE])
        self.parts.incoming.discard([new.received_id for new, outcome in pairs if outcome is Outcome.DUPLICATE])
