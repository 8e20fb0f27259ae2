from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.coordinator_world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A coordinator without sites or plans."""
    made = World(tmp_path)
    yield made
    made.close()
