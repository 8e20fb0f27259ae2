"""The line to the coordinator: TLS under the one authority of the card, every request signed, every answer bounded."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from coordinator.partner.errors import NoAnswer, Refused, Unreachable
from coordinator.partner.words import language
from protocols.cards import PartnerCard
from protocols.encoding import encode
from protocols.plans import TrainingPlan
from protocols.requests import authorization
from protocols.signing import Identity, Purpose, seal

_ANSWER_BYTES_MAX = 1_048_576
_RELEASE_BYTES_MAX = 1024 * 1_048_576
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


@dataclass(frozen=True, slots=True)
class PartnerClient:
    """Asks in the name of one partner. Every method raises Unreachable, Refused."""

    card: PartnerCard
    identity: Identity

    def submit(self, plan: TrainingPlan) -> Any:
        """The coordinator's answer to a plan, sealed with this partner's key."""
        sealed = seal(encode(plan), self.identity, Purpose.PLAN)
        return self._json("POST", "/api/partner/plans", sealed)

    def status(self, plan_id: str) -> Any:
        """Where a plan of this partner stands."""
        return self._json("GET", f"/api/partner/plans/{plan_id}")

    def release(self, plan_id: str) -> bytes:
        """The archive of a plan's release, not verified yet."""
        return self._ask("GET", f"/api/partner/releases/{plan_id}", None, _RELEASE_BYTES_MAX)

    def _json(self, method: str, path: str, content: bytes | None = None) -> Any:
        body = self._ask(method, path, content, _ANSWER_BYTES_MAX)
        return _parsed(httpx.Response(200, content=body))

    def _ask(self, method: str, path: str, content: bytes | None, max_bytes: int) -> bytes:
        at = int(time.time())
        headers = {"Authorization": authorization(self.identity, "partner", self.card.partner_id, path, at)}
        try:
            with (
                httpx.Client(
                    base_url=f"https://{self.card.address}", verify=self._trust(), timeout=_TIMEOUT, trust_env=False
                ) as line,
                line.stream(method, path, content=content, headers=headers) as answer,
            ):
                body = _bounded(answer, max_bytes)
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _unanswered(error, self.card.address) from None
        if status >= 300:
            raise refusal_of(body, status)
        return body

    def _trust(self) -> ssl.SSLContext:
        """Only the card's authority is believed, none of the machine's."""
        try:
            return ssl.create_default_context(cadata=self.card.authority_pem)
        except (ssl.SSLError, ValueError):
            raise Unreachable("authority-damaged") from None


def _bounded(answer: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > max_bytes:
            raise Unreachable("answer-too-large")
    return bytes(body)


def _parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise Unreachable("answer-not-json") from None


def refusal_of(body: bytes, status: int) -> Refused:
    """A problem document (RFC 9457) in one sentence of the terminal's language, with its reasons."""
    title, of_reason = ("title_ko", "ko") if language() == "ko" else ("title", "en")
    try:
        problem: Mapping[str, Any] = httpx.Response(status, content=body).json()
        lines = [f"{problem[title]} [{problem['code']}]"]
        lines += [f"  {reason['code']}: {reason[of_reason]}" for reason in problem.get("reasons", [])]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Refused("refused-unsaid", status=status)
    return Refused("refused", problem="\n".join(lines))


def _unanswered(error: Exception, address: str) -> Unreachable:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Unreachable("authority-differs", address=address)
    return NoAnswer("no-answer", address=address, reason=type(error).__name__)
