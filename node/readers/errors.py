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
    """Two roles that one person may not hold; it says which and why."""

    text_key = "readers.roles_conflict"


class TokenUnknown(Told):
    """No token has this identifier, or it was revoked before."""

    text_key = "readers.token_unknown"


class TokenRefused(Told):
    """A token is not made so: its name, its role or its time is not one a token can have."""

    text_key = "readers.token_refused"


class DepartmentUnknown(Told):
    """No department has this code."""

    text_key = "readers.department_unknown"


class DepartmentListRefused(Told):
    """A list of departments is none: line `line` has no code, or not both names."""

    text_key = "readers.department_list_refused"


class LicenceRefused(Told):
    """The numbers of a licence are none, or its last day has passed; the numbers are not repeated."""

    text_key = "readers.licence_refused"


class StandingRefused(Told):
    """A person cannot be so: a year that is none, or a licence for a lay labeler."""

    text_key = "readers.standing_refused"


class PledgeOutdated(NodeError):
    """The text of the pledge has another version than the one that was signed."""


class CertificateRefused(NodeError):
    """Whoever is no labeler gets no certificate, and none is issued for days that passed."""


class ApplicationUnknown(NodeError):
    """No application has this identifier."""


class ApplicationDecided(NodeError):
    """The application was taken or refused before."""


class ApplicationsFull(NodeError):
    """So many applications wait that no further one is taken."""


class RateRefused(NodeError):
    """An amount or currency that is none."""


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
