import numpy as np
import pytest
from factories import tensor_specs

from coordinator.publication.release import tensor_blob, tensor_file
from protocols.errors import TensorsRefused

BLOB = np.arange(6, dtype="<f4").tobytes()


def test_a_tensor_file_gives_back_the_same_bytes() -> None:
    assert tensor_blob(tensor_specs(), tensor_file(tensor_specs(), BLOB)) == BLOB


def test_the_same_tensors_give_the_same_file() -> None:
    assert tensor_file(tensor_specs(), BLOB) == tensor_file(tensor_specs(), BLOB)


def test_a_blob_of_another_length_makes_no_file() -> None:
    with pytest.raises(TensorsRefused):
        tensor_file(tensor_specs(), BLOB[:-4])
