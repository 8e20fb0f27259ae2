import numpy as np

from coordinator.rounds.starting import starting_weights
from protocols.models import Dtype, TensorSpec, blob_bytes

SPECS = (
    TensorSpec(name="conv.weight", shape=(64, 32, 3, 3), dtype=Dtype.FLOAT32),
    TensorSpec(name="norm.weight", shape=(5,), dtype=Dtype.FLOAT32),
    TensorSpec(name="norm.bias", shape=(5,), dtype=Dtype.FLOAT32),
)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert starting_weights(SPECS, 7) == starting_weights(SPECS, 7) != starting_weights(SPECS, 8)
    assert len(starting_weights(SPECS, 7)) == blob_bytes(SPECS)


def test_convolutions_have_the_variance_of_he_and_norms_begin_as_the_identity() -> None:
    values = np.frombuffer(starting_weights(SPECS, 7), dtype="<f4")
    drawn, ones, zeros = values[:-10], values[-10:-5], values[-5:]
    assert abs(float(drawn.var()) / (2 / (32 * 9)) - 1) < 0.05
    assert abs(float(drawn.mean())) < 0.002
    assert (ones == 1).all()
    assert (zeros == 0).all()
