"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class PersonUnknown(NodeError):
    """No person has this identifier."""


class NameUnknown(Told):
    """Nobody signs in with this name."""

    text_key = "readers.name_unknown"


class NameTaken(Told):
    """Another person already signs in with this name."""

    text_key = "readers.name_taken"


class RolesConflict(Told):
    """Someone who reads blind cannot also hold a role that sees other readers' work."""

    text_key = "readers.roles_conflict"


class DepartmentUnknown(Told):
    """No department has this code."""

    text_key = "readers.department_unknown"


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
