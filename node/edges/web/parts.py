"""What the web process is made of: handed over by `__main__`, found by every route through the application's state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from node.deidentify.policy import DEFAULT, Policy
from node.flows.certificates import TeachingDesk
from node.flows.concerns import IncidentParts
from node.flows.destroy_readings import LegalHolds
from node.flows.exclude_parts import ExcludeParts
from node.flows.months import PayDesk
from node.flows.projects import OriginalLookup
from node.flows.quarantine import QuarantineDesk
from node.flows.reidentify import ReidentifyParts
from node.flows.sign_in import FrontDoor
from node.flows.store_state import StoreState
from node.flows.ward import Ward
from node.ground.audit import AuditEvent
from node.ground.clock import Clock
from node.ground.config import ON_SITE
from node.intake.commitment import CommitmentState
from node.labeling.frames import FrameSource
from node.labeling.plane import HeaderSource
from node.readers.pledge import Network
from node.readers.session import Session
from node.readers.token import Token


class IntakeCounts(Protocol):
    """How many received images stand where."""

    @property
    def received(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def clean(self) -> int: ...
    @property
    def quarantined(self) -> int: ...


class QuarantinedImage(Protocol):
    """One image that could not be cleaned."""

    @property
    def image_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class SettledImage(Protocol):
    """The verdict on one image."""

    @property
    def image_id(self) -> str: ...
    @property
    def done(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class IntakePage(Protocol):
    """What the page shows of intake."""

    def counts(self) -> IntakeCounts:
        """The images by state."""
        ...

    def quarantined(self, *, limit: int = 200) -> Sequence[QuarantinedImage]:
        """The latest quarantined images."""
        ...

    def settled(self, *, limit: int = 50) -> Sequence[SettledImage]:
        """The latest verdicts, the newest first."""
        ...

    def acts_of_people(self, *, limit: int = 200) -> Sequence[AuditEvent]:
        """What people did with received images, the newest first."""
        ...


class SessionsAtOnce(Protocol):
    """Sessions and tokens, found without waiting."""

    def find_session(self, digest: str, now: datetime) -> Session | None:
        """The session of an active person that runs now, or none. Raises: NotAtOnce."""
        ...

    def find_token(self, digest: str) -> Token | None:
        """The token of a secret, whether it still works or not. Raises: NotAtOnce."""
        ...


Shortcut = Callable[[MutableMapping[str, Any], Callable[[MutableMapping[str, Any]], Awaitable[None]]], Awaitable[bool]]
"""Takes the scope and the way out of a request that was let in; answers it, or says that it did not."""


class AskedCommitment(Protocol):
    """One request for storage commitment."""

    @property
    def peer(self) -> str: ...
    @property
    def state(self) -> CommitmentState: ...
    @property
    def reason(self) -> str: ...
    @property
    def instances(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def asked_at(self) -> datetime: ...


class CommitmentPage(Protocol):
    """What peers asked this node to answer for."""

    def latest(self, limit: int = 50) -> Sequence[AskedCommitment]:
        """The latest requests, the newest first."""
        ...


class StorePage(Protocol):
    """How the received store stands."""

    def state(self) -> StoreState:
        """Disk, marks and scrub. Raises: StoreFailed."""
        ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything the routes use."""

    ward: Ward
    door: FrontDoor
    sessions: SessionsAtOnce
    frames: FrameSource
    headers: HeaderSource
    stroke_key: Callable[[str], bytes]
    """Of a person: the key under which a page keeps their unsaved work."""
    originals: OriginalLookup
    intake: IntakePage
    quarantine: QuarantineDesk
    exclusions: ExcludeParts
    reidentify: ReidentifyParts
    holds: LegalHolds
    incidents: IncidentParts
    commitments: CommitmentPage
    store: StorePage
    pay: PayDesk
    teaching: TeachingDesk
    clock: Clock
    secure: bool
    """True behind HTTPS: the cookie is then sent over nothing else."""
    cookie_name: str = "intramuros_session"
    """Several nodes on one host need different names: browsers share cookies between ports."""
    shortcuts: Mapping[tuple[str, str], Shortcut] = field(default_factory=dict)
    """Routes, by method and template, that have a shorter way than through the application."""
    on_site: Sequence[Network] = ON_SITE
    """The hospital's own networks; a lay labeler is heard from nowhere else."""
    policy: Policy = DEFAULT
    """The site's choice of the options of de-identification; only IT changes it, in the node's configuration."""


# Async, so that FastAPI does not send it through a thread: that costs more than the lookup.
async def parts_of(request: Request) -> WebParts:
    """The parts of the application that serves this request."""
    parts: WebParts = request.app.state.parts
    return parts


Parts = Annotated[WebParts, Depends(parts_of)]
