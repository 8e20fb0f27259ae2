"""A site: waiting until fingerprints were compared by voice, then admitted, perhaps removed for good."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.told import Phrase, Told
from protocols.encoding import decode
from protocols.enrolment import EnrolmentRequest, EnrolmentState, TransportKey
from protocols.errors import ProtocolError
from protocols.signing import PublicIdentity, Purpose, unseal, unseal_any

_MAX_ENROLMENT_BYTES = 65_536


class EnrolmentRefused(CoordinatorError):
    """Bytes that are no enrolment request sealed by the identity they name."""


class TransportKeyRefused(EnrolmentRefused):
    """The transport key is not certified by the site's identity, or is not a P-384 key."""


class FingerprintDiffers(Told):
    """The fingerprint read out by voice is not the one of the key that asked to join."""

    text_key = "refusals.fingerprint-differs"


class SiteUnknown(Told):
    """No site has this identifier, name or key."""

    text_key = "refusals.site-unknown"


class SiteNotAdmitted(CoordinatorError):
    """The site is known but may not take part: it waits, or was removed."""


class SiteChangeRefused(Told):
    """The site is not in a state from which this can be done."""

    text_key = "refusals.site-change"


class SiteAct(StrEnum):
    """What the operator decides about a site."""

    ADMIT = "admit"
    REMOVE = "remove"


TRANSITIONS: Mapping[tuple[EnrolmentState, SiteAct], EnrolmentState] = {
    (EnrolmentState.WAITING, SiteAct.ADMIT): EnrolmentState.ADMITTED,
    (EnrolmentState.WAITING, SiteAct.REMOVE): EnrolmentState.REMOVED,
    (EnrolmentState.ADMITTED, SiteAct.REMOVE): EnrolmentState.REMOVED,
}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A request whose seals hold, and the transport key it certifies."""

    request: EnrolmentRequest
    transport: TransportKey
    sent_sha256: str


@dataclass(frozen=True, slots=True)
class Site:
    """One hospital as the coordinator knows it."""

    site_id: str
    site_name: str
    identity_key: bytes
    transport_pem: str
    transport_serial: int
    state: EnrolmentState
    request_sha256: str
    enrolled_at: datetime
    changed_at: datetime
    node_id: int | None = None
    """The number under which the SuperLink knows the transport key, once it does."""

    @property
    def identity(self) -> PublicIdentity:
        """What everything from this site must be sealed with."""
        return PublicIdentity(self.identity_key)

    @property
    def reachable(self) -> bool:
        """Whether the site may connect: admitted, and its key known to the SuperLink."""
        return self.state is EnrolmentState.ADMITTED and self.node_id is not None

    @property
    def shown_state(self) -> EnrolmentState:
        """The state a node is told: admitted only once its SuperNode will be let in."""
        admitted = self.state is EnrolmentState.ADMITTED
        return EnrolmentState.WAITING if admitted and not self.reachable else self.state


def read_enrolment(sealed: bytes) -> Enrolment:
    """The enrolment of sealed bytes.

    Raises:
        EnrolmentRefused: not sealed by the identity it names.
        TransportKeyRefused: the transport key is not that identity's, or not P-384.
    """
    try:
        opened = unseal_any(sealed, Purpose.ENROLMENT)
        request, _ = decode(opened.frame, EnrolmentRequest, max_bytes=_MAX_ENROLMENT_BYTES)
    except ProtocolError as refusal:
        raise EnrolmentRefused(f"not an enrolment request: {refusal}") from None
    if request.identity_key != opened.signer.raw:
        raise EnrolmentRefused("the request is sealed by another identity than the one it names")
    transport = _certified(request.sealed_transport_key, opened.signer)
    return Enrolment(request, transport, hashlib.sha256(sealed).hexdigest())


def new_site(site_id: str, enrolment: Enrolment, *, now: datetime) -> Site:
    """The site that asks, waiting."""
    return Site(
        site_id=site_id,
        site_name=enrolment.request.site_name,
        identity_key=enrolment.request.identity_key,
        transport_pem=enrolment.transport.public_key_pem,
        transport_serial=enrolment.transport.serial,
        state=EnrolmentState.WAITING,
        request_sha256=enrolment.sent_sha256,
        enrolled_at=now,
        changed_at=now,
    )


def admitted(site: Site, fingerprint: str, *, now: datetime) -> Site:
    """The site admitted, the fingerprint having been read out by its own staff.

    Raises:
        FingerprintDiffers: it is not this site's.
        SiteChangeRefused: the site does not wait.
    """
    read_out = "".join(fingerprint.split()).lower().encode()
    held = site.identity.fingerprint.replace(" ", "").encode()
    if not hmac.compare_digest(read_out, held):
        raise FingerprintDiffers(site=site.site_name)
    return _moved(site, SiteAct.ADMIT, now)


def removed(site: Site, *, now: datetime) -> Site:
    """The site removed for good. Raises: SiteChangeRefused when it is already."""
    return _moved(site, SiteAct.REMOVE, now)


def check_admitted(site: Site) -> None:
    """Return when the site may take part. Raises: SiteNotAdmitted."""
    if site.state is not EnrolmentState.ADMITTED:
        raise SiteNotAdmitted(f"site {site.site_id} is {site.state.value}")


def _moved(site: Site, act: SiteAct, now: datetime) -> Site:
    state = TRANSITIONS.get((site.state, act))
    if state is None:
        raise SiteChangeRefused(site=site.site_name, state=Phrase(f"operator.state-{site.state.value}"))
    return replace(site, state=state, changed_at=now)


def _certified(sealed: bytes, identity: PublicIdentity) -> TransportKey:
    try:
        transport, _ = decode(unseal(sealed, identity, Purpose.TRANSPORT_KEY), TransportKey, max_bytes=4096)
        key = load_pem_public_key(transport.public_key_pem.encode())
    except ProtocolError:
        raise TransportKeyRefused("the transport key is not certified by the site's identity") from None
    except (ValueError, UnsupportedAlgorithm):
        raise TransportKeyRefused("the transport key is no public key") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP384R1):
        raise TransportKeyRefused("the transport key is not a P-384 key")
    return transport
