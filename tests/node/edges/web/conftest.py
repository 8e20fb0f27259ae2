"""A hospital per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hospital import Hospital, hospital_at


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as made:
        yield made
