"""The operator signs in with a one-time code from the command line; there is no password."""

from __future__ import annotations

from datetime import datetime, timedelta

from coordinator.flows.books import UnitOfWork
from coordinator.ground.audit import OPERATOR, AuditEvent
from coordinator.ground.errors import CoordinatorError
from coordinator.ground.ids import new_code, new_secret, secret_digest

CODE_MINUTES = 10
SESSION_HOURS = 8


class CodeRefused(CoordinatorError):
    """The code is wrong, used or too old."""


class SignInNeeded(CoordinatorError):
    """No open session."""


def issue_code(work: UnitOfWork, *, now: datetime) -> str:
    """A code that opens one session within ten minutes."""
    code = new_code()
    with work.writing() as books:
        event = AuditEvent(now, OPERATOR, "code.issued", "operator")
        books.sign_ins.add_code(secret_digest(code), now + timedelta(minutes=CODE_MINUTES), event)
    return code


def sign_in(work: UnitOfWork, code: str, *, now: datetime) -> str:
    """The token of a new session. Raises: CodeRefused."""
    token = new_secret()
    with work.writing() as books:
        if not books.sign_ins.take_code(secret_digest(code.strip().upper()), now=now):
            raise CodeRefused("the code is wrong, was used, or is older than ten minutes")
        event = AuditEvent(now, OPERATOR, "session.opened", "operator")
        books.sign_ins.add_session(secret_digest(token), now + timedelta(hours=SESSION_HOURS), event)
    return token


def check_session(work: UnitOfWork, token: str, *, now: datetime) -> None:
    """Return when the session is open. Raises: SignInNeeded."""
    with work.reading() as books:
        if not token or not books.sign_ins.session_open(secret_digest(token), now=now):
            raise SignInNeeded("sign in with a code from `intramuros coordinator login-code`")
