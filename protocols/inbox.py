"""What a node fetches from the coordinator: offers, receipts, and how its runs stand."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from protocols.encoding import Base64, Instant, Part, Wire
from protocols.enrolment import EnrolmentState
from protocols.ids import Uuid


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    ENDED = "ended"
    """Ended early, with a reason."""


class RunNotice(Part):
    """How one run stands, as the coordinator sees it."""

    run_id: Uuid
    plan_id: Uuid
    state: RunState
    rounds_done: Annotated[int, Field(ge=0)]


class Inbox(Wire):
    """Everything the coordinator has for one site at one moment (sealed for `inbox`)."""

    kind: ClassVar[str] = "inbox"
    version: ClassVar[int] = 1

    site_id: Uuid
    state: EnrolmentState
    sealed_offers: Annotated[tuple[Base64, ...], Field(max_length=1000)]
    sealed_receipts: Annotated[tuple[Base64, ...], Field(max_length=10_000)]
    runs: Annotated[tuple[RunNotice, ...], Field(max_length=1000)]
    made_at: Instant
