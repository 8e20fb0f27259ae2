"""Who asks: the running session or the token of a request, found without leaving the event loop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from node.readers.session import Proof, Session
from node.readers.token import Token
from node.storage.quick_read import QuickRead
from node.storage.ward_people import person_of
from node.storage.ward_sign_ins import RUNNING_SESSION
from node.storage.ward_tokens import TOKEN_SHOWN, token_of


class QuickSessions:
    """Implements `SessionsAtOnce`; reads the rows at every question, so that what was taken away is gone at once."""

    def __init__(self, engine: Engine) -> None:
        self._running = QuickRead(engine, RUNNING_SESSION)
        self._shown = QuickRead(engine, TOKEN_SHOWN)

    def find_session(self, digest: str, now: datetime) -> Session | None:
        """The session of an active person that runs now, or none. Raises: NotAtOnce."""
        row = self._running.first(of_digest=digest, now=now)
        return None if row is None else Session(digest, person_of(row), Proof(row.proof), row.expires_at)

    def find_token(self, digest: str) -> Token | None:
        """The token of a secret, whether it still works or not. Raises: NotAtOnce."""
        row = self._shown.first(of_digest=digest)
        return None if row is None else token_of(row)

    def close(self) -> None:
        """Its connections are closed."""
        self._running.close()
        self._shown.close()
