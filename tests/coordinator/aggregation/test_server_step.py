"""The server's step: Adam's by hand, the same bits at the coordinator and in every hospital, and frozen."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from coordinator.aggregation.server_step import MomentsDamaged, Server
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.server_step import Moments, moments_of, server_step
from protocols.strategies import Strategy, StrategyName

ADAM = Strategy(name=StrategyName.FEDADAM, server_rate=0.1, beta_1=0.5, beta_2=0.75, tau=0.5)
SLOW = Strategy(name=StrategyName.FEDADAM, server_rate=0.01, beta_1=0.9, beta_2=0.99, tau=1e-3)


def test_two_rounds_by_hand() -> None:
    moved, moments = Server(ADAM).step(np.array([2.0]))
    # m = 0.5 * 2 = 1; v = 0.75 * 0.25 + 0.25 * 4 = 1.1875
    assert moved == pytest.approx(0.1 * 1.0 / (1.1875**0.5 + 0.5))
    assert np.frombuffer(moments, "<f4").tolist() == [1.0, 1.1875]
    moved, moments = Server(ADAM, moments).step(np.array([-2.0]))
    # m = 0.5 * 1 - 0.5 * 2 = -0.5; v = 0.75 * 1.1875 + 0.25 * 4 = 1.890625
    assert moved == pytest.approx(0.1 * -0.5 / (1.890625**0.5 + 0.5))
    assert np.frombuffer(moments, "<f4").tolist() == [-0.5, 1.890625]


@pytest.mark.parametrize("rule", [Strategy(), Strategy(name=StrategyName.FEDPROX, proximal_mu=1.0)])
def test_the_other_strategies_move_by_the_mean_itself_and_remember_nothing(rule: Strategy) -> None:
    mean = np.array([0.25, -1.0])
    moved, moments = Server(rule).step(mean)
    assert (moved.tobytes(), moments) == (mean.tobytes(), b"")
    moved, remembered = server_step(mean, None, rule)
    assert (moved.tobytes(), remembered) == (mean.tobytes(), None)


@given(rounds=st.lists(st.lists(st.floats(-5, 5), min_size=4, max_size=4), min_size=1, max_size=5))
def test_a_hospital_makes_the_coordinators_step_to_the_bit(rounds: list[list[float]]) -> None:
    moments, held = b"", None
    for mean in rounds:
        theirs, moments = Server(SLOW, moments).step(np.array(mean))
        ours, held = server_step(np.array(mean), held, SLOW)
        assert ours.tobytes() == theirs.tobytes()
        assert held is not None
        assert held.first.tobytes() + held.second.tobytes() == moments
        held = moments_of(held.tensors)


def drawn(number: int) -> NDArray[np.float64]:
    """Whole numbers over a power of two, so that the means themselves are the same everywhere."""
    raw = hashlib.sha256(b"server-step %d" % number).digest()
    return np.frombuffer(raw, "<i2").astype(np.float64) / 2.0**20


def test_the_bits_of_three_rounds_are_frozen() -> None:
    moments, steps = b"", []
    for number in range(3):
        moved, moments = Server(SLOW, moments).step(drawn(number))
        steps.append(moved.astype("<f8").tobytes())
    digest = hashlib.sha256(b"".join(steps) + moments).hexdigest()
    assert digest == "fb4cb1ee7789d84c3bc43965775e8d60be2a0c52aba9438b2634e991119185b7"


def test_moments_of_another_model_are_refused_on_both_sides() -> None:
    three = np.zeros(6, "<f4").tobytes()
    broken = np.array([0, np.nan, 0, 0], "<f4").tobytes()
    negative = np.array([0, 0, 0, -1], "<f4").tobytes()
    for moments in (three, broken, negative):
        with pytest.raises(MomentsDamaged):
            Server(SLOW, moments).step(np.zeros(2))
    short = np.zeros(3, np.float32)
    for held in (Moments(short, short), Moments(np.zeros(2, np.float32), short)):
        with pytest.raises(SecureRefused) as refusal:
            server_step(np.zeros(2), held, SLOW)
        assert refusal.value.reason is SecureReason.MODEL_MISSING
    for tensors in (None, {"first": short}):
        with pytest.raises(SecureRefused):
            moments_of(tensors)
