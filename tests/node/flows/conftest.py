"""A wall of its own for each test of the wall's flows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.wall import Wall, a_wall


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    made = a_wall(tmp_path)
    yield made
    made.engine.dispose()
    made.round_engine.dispose()
