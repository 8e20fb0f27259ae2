"""What training claims about a patient's influence on an update, and the accountant's signed record of it.

Rules: mechanism "none" claims nothing, no epsilon and no delta, and cannot be made to; "dp-sgd" is accounted for; any
other mechanism is refused before training, never trained without. A record says how the noise was made, over how many
steps, and the digest of the very update that came out; it is signed under a key that exists for one reservation only,
so that a record can neither be made up nor stand for another round, another update or less noise.

Source: Abadi et al., Deep Learning with Differential Privacy, CCS 2016; RFC 2104 (HMAC).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, replace

from node.ground.errors import NodeError

NO_MECHANISM = "none"
DP_SGD = "dp-sgd"
RECORD_KEY_BYTES = 32


class PrivacyMechanismUnavailable(NodeError):
    """A plan asks for a privacy mechanism this node cannot account for."""


class NetworkNotPrivate(NodeError):
    """A layer of the network mixes samples or keeps statistics, so that gradients of single patients do not exist."""


@dataclass(frozen=True, slots=True)
class PatientNoise:
    """How one step of DP-SGD is done; the patient is the unit.

    Each patient is drawn by itself with `sampling_rate`, the gradient of a drawn patient is cut to the length
    `clip_norm`, Gaussian noise of `noise_multiplier` times that length is added to the sum, and the sum is divided by
    `expected_patients`, whoever was drawn.
    """

    clip_norm: float
    noise_multiplier: float
    sampling_rate: float
    expected_patients: float

    def __post_init__(self) -> None:
        """Hold numbers with which the accounting is true."""
        positive = min(self.clip_norm, self.noise_multiplier, self.sampling_rate, self.expected_patients) > 0
        if not positive or self.sampling_rate > 1:
            raise ValueError("clip, noise, rate and expected patients are positive, the rate a probability")


@dataclass(frozen=True, slots=True)
class PrivateOrder:
    """What the fit child is told of privacy: the noise, which reservation it works for, and the key of its record."""

    noise: PatientNoise
    reservation: str
    key: str
    """Hexadecimal; made for this reservation, never stored."""


@dataclass(frozen=True, slots=True)
class PrivacyRecord:
    """What the accountant beside the training loop saw done, signed."""

    reservation: str
    noise: PatientNoise
    steps: int
    update_sha256: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyClaim:
    """What was spent; epsilon and delta are None where nothing is claimed, and the record is there where it is."""

    mechanism: str
    epsilon: float | None
    delta: float | None
    steps: int
    record: PrivacyRecord | None = None


def check_mechanism(mechanism: str) -> None:
    """Return when this node accounts for the mechanism, or the mechanism claims nothing.

    Raises:
        PrivacyMechanismUnavailable: it does not.
    """
    if mechanism not in {NO_MECHANISM, DP_SGD}:
        raise PrivacyMechanismUnavailable(f"privacy mechanism {mechanism!r} is not available on this node")


def unclaimed(steps: int) -> PrivacyClaim:
    """The claim of an update made without a mechanism."""
    return PrivacyClaim(NO_MECHANISM, None, None, steps)


def patient_noise(clip_norm: float, noise_multiplier: float, *, patients_a_step: int, patients: int) -> PatientNoise:
    """The noise of a plan for a cohort of so many patients: as many of them a step as the plan asks, on average.

    Raises:
        ValueError: there is no patient.
    """
    expected = min(patients_a_step, patients)
    return PatientNoise(clip_norm, noise_multiplier, expected / patients if patients else 0.0, float(expected))


def signed(record: PrivacyRecord, key: bytes) -> PrivacyRecord:
    """The record with its signature under this key."""
    return replace(record, signature=_signature(record, key))


def holds(record: PrivacyRecord, key: bytes) -> bool:
    """Whether the record was signed under this key and is as it was."""
    return hmac.compare_digest(record.signature.encode("utf-8"), _signature(record, key).encode("ascii"))


def _signature(record: PrivacyRecord, key: bytes) -> str:
    said = asdict(replace(record, signature=""))
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hmac.new(key, b"intramuros/privacy-record/1" + text.encode("utf-8"), hashlib.sha256).hexdigest()
