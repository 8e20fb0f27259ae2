"""The line to the coordinator's own interface, as flows see it: four requests, and three ways it can fail."""

from __future__ import annotations

from typing import Protocol

from node.ground.errors import NodeError


class CoordinatorUnreachable(NodeError):
    """No answer came. `sent` says whether the request may have arrived all the same."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(f"the coordinator cannot be reached: {reason}")
        self.sent = sent


class AuthorityRefused(CoordinatorUnreachable):
    """The server does not show a certificate of the pinned authority; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("its certificate is not the pinned authority's", sent=False)


class CoordinatorRefused(NodeError):
    """The coordinator answered with a problem; `code` is its problem type."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(f"the coordinator refused: {code} ({status})")
        self.code = code
        self.status = status


class CoordinatorLine(Protocol):
    """Sealed bytes out, sealed bytes back. Raises: CoordinatorUnreachable, CoordinatorRefused."""

    def inbox(self) -> bytes:
        """The sealed inbox of this site."""
        ...

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        """The sealed receipt for an approval or a withdrawal."""
        ...


class EnrolmentLine(Protocol):
    """The one request a node makes before it is a member."""

    def enrol(self, sealed: bytes) -> bytes:
        """The sealed answer to a request to join. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        ...
