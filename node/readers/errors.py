"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError


class PersonUnknown(NodeError):
    """No person has this identifier."""


class NameTaken(NodeError):
    """Another person already signs in with this name."""


class RolesConflict(NodeError):
    """Someone who reads blind cannot also hold a role that sees other readers' work."""


class DepartmentUnknown(NodeError):
    """No department has this code."""


class SignInRefused(NodeError):
    """Wrong name, password or code; which of them is never said."""


class SignInThrottled(NodeError):
    """Too many attempts; the next is heard after `wait_seconds`."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__("too many attempts to sign in")
        self.wait_seconds = wait_seconds


class PasswordTooWeak(NodeError):
    """The password is shorter than the minimum, or a repetition."""


class SessionEnded(NodeError):
    """There is no session, or it has ended."""
