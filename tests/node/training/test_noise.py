"""The secret randomness of differential privacy: its source, its distribution, and that nothing comes twice."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from node.training import noise
from node.training.noise import SecretStream, StreamExhausted, drawn_patients, fresh_stream

KEY = bytes(range(32))
COUNT = 200_000


def cumulative(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard normal distribution function."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in values])


def test_the_stream_is_chacha20() -> None:
    # RFC 8439, appendix A.1, test vectors 1 and 2: key of zeros, nonce of zeros, blocks 0 and 1.
    expected = bytes.fromhex(
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
        "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
        "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
    )
    assert SecretStream(bytes(32)).words(16).astype("<u8").tobytes() == expected


def test_words_follow_each_other_and_none_comes_twice() -> None:
    whole, parts = SecretStream(KEY).words(24), SecretStream(KEY)
    assert np.array_equal(np.concatenate([parts.words(count) for count in (1, 0, 7, 16)]), whole)
    assert len(np.unique(whole)) == 24


def test_two_fresh_streams_share_nothing() -> None:
    first, second = fresh_stream().words(1000), fresh_stream().words(1000)
    assert not set(first.tolist()) & set(second.tolist())


def test_a_seed_of_torch_or_numpy_has_no_part_in_it() -> None:
    seen = []
    for _ in range(2):
        torch.manual_seed(1)
        np.random.seed(1)
        seen.append(fresh_stream().gaussians(8))
    assert not np.array_equal(seen[0], seen[1])


def test_drawing_noise_leaves_torchs_generator_as_it_is() -> None:
    before = torch.random.get_rng_state()
    fresh_stream().gaussians(1000)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_gaussians_have_the_distribution_they_claim() -> None:
    # Kolmogorov and Smirnov at one in a million (2.57 / sqrt n); the key is fixed, so the test always says the same.
    drawn = np.sort(SecretStream(KEY).gaussians(COUNT))
    steps = np.arange(COUNT + 1) / COUNT
    below = cumulative(drawn)
    distance = max(np.abs(steps[1:] - below).max(), np.abs(steps[:-1] - below).max())
    assert distance < 2.57 / math.sqrt(COUNT)
    assert drawn.std() == pytest.approx(1.0, abs=5 * math.sqrt(0.5 / COUNT))
    assert (drawn**4).mean() == pytest.approx(3.0, abs=5 * math.sqrt(96 / COUNT))
    assert np.abs(drawn).max() > 4.0, "the tail is there"


def test_neighbouring_gaussians_are_independent() -> None:
    drawn = SecretStream(KEY).gaussians(COUNT)
    for apart in (1, 2, COUNT // 2):
        together = np.corrcoef(drawn[:-apart], drawn[apart:])[0, 1]
        squared = np.corrcoef(drawn[:-apart] ** 2, drawn[apart:] ** 2)[0, 1]
        assert max(abs(together), abs(squared)) < 5 / math.sqrt(COUNT // 2)


def test_noise_longer_than_a_chunk_is_as_long_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "_CHUNK", 1000)
    drawn = SecretStream(KEY).gaussians(2501)
    assert len(np.unique(drawn)) == len(drawn) == 2501
    assert len(SecretStream(KEY).gaussians(0)) == 0


def test_uniforms_fill_the_unit_interval_and_never_reach_one() -> None:
    drawn = SecretStream(KEY).uniforms(COUNT)
    assert 0.0 <= drawn.min() < 1e-3
    assert 1 - 1e-3 < drawn.max() < 1.0
    assert drawn.mean() == pytest.approx(0.5, abs=5 * math.sqrt(1 / 12 / COUNT))


def test_one_key_gives_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise, "STREAM_BYTES_MAX", 64)
    stream = SecretStream(KEY)
    stream.words(8)
    with pytest.raises(StreamExhausted):
        stream.words(1)


def test_every_patient_is_drawn_by_itself_with_the_rate() -> None:
    patients, rate, steps = 40, 0.15, 4000
    drawn = np.zeros((steps, patients))
    for step in range(steps):
        drawn[step, drawn_patients(patients, rate=rate, stream=SecretStream(step.to_bytes(32, "big")))] = 1
    spread = 5 * math.sqrt(rate * (1 - rate) / steps)
    assert np.abs(drawn.mean(axis=0) - rate).max() < spread
    # Binomial, not a fixed number: a batch of fixed size would have no variance here.
    assert drawn.sum(axis=1).var() == pytest.approx(patients * rate * (1 - rate), rel=0.15)
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 5 / math.sqrt(steps)


def test_a_small_rate_often_draws_nobody_and_a_rate_of_one_everybody() -> None:
    streams = [SecretStream(step.to_bytes(32, "big")) for step in range(100)]
    assert sum(len(drawn_patients(5, rate=0.1, stream=stream)) == 0 for stream in streams) > 30
    assert drawn_patients(5, rate=1.0, stream=SecretStream(KEY)).tolist() == [0, 1, 2, 3, 4]
