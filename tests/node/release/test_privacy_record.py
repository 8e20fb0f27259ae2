"""The accountant's signed record at the door: of this reservation, this noise, this update, or nothing leaves."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from fakes.wall_cast import SHAPES, START, START_SHA256, a_real_plan

from node.release.asked import Asked, Exchange
from node.release.budget import Reservation
from node.release.metrics import Figures
from node.release.patients import Charge
from node.release.refusals import GateRefused
from node.release.update import RawUpdate, door
from node.training.privacy import PatientNoise, PrivacyClaim, PrivacyRecord, PrivateOrder, signed
from node.training.weights import Tensors, to_blob
from protocols.plans import Privacy, PrivacyMechanism

PLANNED = a_real_plan()
SMALL = {name: np.full_like(tensor, 0.001) for name, tensor in START.items()}
DP = Privacy(mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=1.0, epsilon_cap=3.0, delta_cap=1e-5)
DIGEST = hashlib.sha256(to_blob(SHAPES, SMALL)).hexdigest()
ORDER = PrivateOrder(PatientNoise(1.0, 1.0, 0.1, 4.0), "round-1", "5a" * 32)
CHARGED = Reservation(
    Asked(PLANNED.plan_id, "run", Exchange.TRAIN, 1, 1, START_SHA256),
    "approval",
    DP,
    Charge(ORDER, steps=4, epsilon=1.0, delta=1e-5),
)
RECORD = PrivacyRecord("round-1", ORDER.noise, 4, DIGEST)


def a_raw(*, claim: PrivacyClaim, tensors: Tensors = SMALL) -> RawUpdate:
    return RawUpdate(tensors, weight_cases=44, figures=Figures(20, {}), training_figures=Figures(44, {}), claim=claim)


def a_claim(*, key: str = ORDER.key, epsilon: float = 1.0, steps: int = 4, **record: object) -> PrivacyClaim:
    said = replace(RECORD, **record)  # type: ignore[arg-type] # each test names the field it changes
    return PrivacyClaim("dp-sgd", epsilon, 1e-5, steps, signed(said, bytes.fromhex(key)))


def test_a_signed_record_of_what_was_reserved_opens_the_door() -> None:
    assert door(a_raw(claim=a_claim()), PLANNED, CHARGED).update_sha256 == DIGEST


@pytest.mark.parametrize(
    "claim",
    [
        a_claim(key="00" * 32),
        a_claim(reservation="round-2"),
        a_claim(noise=replace(ORDER.noise, noise_multiplier=0.9)),
        a_claim(noise=replace(ORDER.noise, sampling_rate=0.2)),
        a_claim(noise=replace(ORDER.noise, expected_patients=3.0)),
        a_claim(steps=5),
        a_claim(epsilon=0.9),
        a_claim(update_sha256="00" * 32),
        replace(a_claim(), steps=3),
        replace(a_claim(), record=None),
        replace(a_claim(), record=RECORD),
        replace(a_claim(), record=replace(signed(RECORD, bytes.fromhex(ORDER.key)), steps=3)),
    ],
)
def test_a_record_that_is_not_of_this_reservation_this_noise_and_this_update_is_refused(claim: PrivacyClaim) -> None:
    with pytest.raises(GateRefused) as refusal:
        door(a_raw(claim=claim), PLANNED, CHARGED)
    assert refusal.value.check == "privacy-record"


def test_an_update_without_a_charge_cannot_claim_privacy() -> None:
    with pytest.raises(GateRefused) as refusal:
        door(a_raw(claim=a_claim()), PLANNED, replace(CHARGED, charge=None))
    assert refusal.value.check == "privacy-record"


def test_an_update_with_one_number_changed_is_not_the_one_the_record_names() -> None:
    other = {name: tensor.copy() for name, tensor in SMALL.items()}
    other["head.bias"][0] += np.float32(1e-6)
    with pytest.raises(GateRefused, match="another update"):
        door(a_raw(tensors=other, claim=a_claim()), PLANNED, CHARGED)
