"""The HTTPS line to the coordinator's own interface: one pinned authority, bounded answers, no proxy, no redirect.

Implements `CoordinatorLine`, `RosterLine` and `EnrolmentLine`. A request that carries content carries exactly the
sealed bytes that are in the ledger; one that carries none is signed in its header (`protocols.requests`).
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Self

import httpx

from node.flows.coordinator_line import AuthorityRefused, CoordinatorRefused, CoordinatorUnreachable
from node.flows.send import OwnSite
from node.ground.clock import Clock
from protocols.approvals import Approval, Withdrawal
from protocols.ledger_roots import LedgerRoot
from protocols.requests import authorization
from protocols.roster import PeerKey, PeerKeyRevocation

ANSWER_BYTES_MAX = 64 * 1_048_576
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
SEALED = "application/vnd.intramuros.sealed"

INBOX_PATH = "/api/inbox"
ROSTER_PATH = "/api/rosters"
ROSTER_MISSING = "roster-missing"
ENROLMENT_PATH = "/api/enrolments"
DELIVERY_PATHS: Mapping[str, str] = MappingProxyType(
    {
        Approval.kind: "/api/approvals",
        Withdrawal.kind: "/api/withdrawals",
        LedgerRoot.kind: "/api/ledger-roots",
        PeerKey.kind: "/api/peer-keys",
        PeerKeyRevocation.kind: "/api/peer-key-revocations",
    }
)


class CoordinatorClient:
    """One coordinator's interface, by address and pinned authority."""

    def __init__(self, address: str, authority_pem: str) -> None:
        try:
            self._http = httpx.Client(
                base_url=f"https://{address}",
                verify=_pinned(authority_pem),
                timeout=TIMEOUT,
                trust_env=False,
                follow_redirects=False,
            )
        except httpx.InvalidURL:
            raise CoordinatorUnreachable("the address is none", sent=False) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """The line is closed."""
        self._http.close()

    def enrol(self, sealed: bytes) -> bytes:
        """The sealed answer to a request to join. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        return self.exchange("POST", ENROLMENT_PATH, content=sealed)

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        """The sealed receipt for a message. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        return self.exchange("POST", DELIVERY_PATHS[message_kind], content=sealed)

    def exchange(
        self, method: str, path: str, *, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of a good answer. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        sent = {} if content is None else {"Content-Type": SEALED}
        try:
            with self._http.stream(method, path, content=content, headers={**sent, **(headers or {})}) as answer:
                body = _bounded(answer)
                status = answer.status_code
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            if isinstance(error.__context__, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(error):
                raise AuthorityRefused from None
            raise CoordinatorUnreachable(type(error).__name__, sent=False) from None
        except httpx.HTTPError as error:
            raise CoordinatorUnreachable(type(error).__name__, sent=True) from None
        if status not in {httpx.codes.OK, httpx.codes.CREATED}:
            raise CoordinatorRefused(_problem_code(body), status)
        return body


class MemberLine:
    """Implements `CoordinatorLine` and `RosterLine` for a site that joined."""

    def __init__(self, client: CoordinatorClient, site: OwnSite, clock: Clock) -> None:
        self._client = client
        self._site = site
        self._clock = clock

    def inbox(self) -> bytes:
        """The sealed inbox of this site. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        return self._fetched(INBOX_PATH)

    def roster(self, number: int) -> bytes | None:
        """The sealed version, or none while there is none. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        try:
            return self._fetched(f"{ROSTER_PATH}/{number}")
        except CoordinatorRefused as refusal:
            if refusal.code == ROSTER_MISSING:
                return None
            raise

    def deliver(self, message_kind: str, sealed: bytes) -> bytes:
        """The sealed receipt for a message. Raises: CoordinatorUnreachable, CoordinatorRefused."""
        return self._client.deliver(message_kind, sealed)

    def _fetched(self, path: str) -> bytes:
        at = int(self._clock.now().timestamp())
        signed = authorization(self._site.identity, "site", self._site.site_id, path, at)
        return self._client.exchange("GET", path, headers={"Authorization": signed})


def _pinned(authority_pem: str) -> ssl.SSLContext:
    """A context that believes the invitation's authority and no other.

    Raises:
        CoordinatorUnreachable: the authority is no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=authority_pem)
    except (ssl.SSLError, ValueError):
        raise CoordinatorUnreachable("the authority is no certificate", sent=False) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _bounded(answer: httpx.Response) -> bytes:
    parts, taken = [], 0
    for part in answer.iter_bytes():
        taken += len(part)
        if taken > ANSWER_BYTES_MAX:
            raise CoordinatorUnreachable("the answer is too large", sent=True)
        parts.append(part)
    return b"".join(parts)


def _problem_code(body: bytes) -> str:
    """The code of a problem document, or `unknown`; only letters, digits and dashes are believed."""
    try:
        code = str(json.loads(body)["code"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return "unknown"
    return code if code.replace("-", "").isalnum() and code.isascii() and len(code) <= 64 else "unknown"
