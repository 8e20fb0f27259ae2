"""A node whose images can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.dicomweb import image_house
from fakes.dicomweb_door import Door
from fakes.hospital import hospital_at

from node.readers.roles import Role


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A steward at the door of an empty house that takes files up to 1 MiB."""
    with image_house(tmp_path / "home") as house, hospital_at(tmp_path) as hospital:
        hospital.app.state.dicomweb = house.parts
        yield Door(house, hospital, hospital.signed_in(hospital.person("관리 책임자", Role.STEWARD)))
