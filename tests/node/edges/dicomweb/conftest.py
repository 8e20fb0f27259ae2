"""A node whose images can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.dicomweb import image_house
from fakes.dicomweb_door import Door
from fakes.dicomweb_short import Counted
from fakes.hospital import hospital_at

from node.flows.look_trail import LookTrail
from node.readers.roles import Role


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A steward at the door of an empty house that takes files up to 1 MiB."""
    with image_house(tmp_path / "home") as house, hospital_at(tmp_path) as hospital:
        hospital.app.state.dicomweb = house.parts
        yield Door(house, hospital, hospital.signed_in(hospital.person("관리 책임자", Role.STEWARD)))


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def quick(tmp_path: Path, counted: Counted) -> Iterator[Door]:
    """A steward at the door of a house whose looks are written into the ward, as a running node's are."""
    with (
        image_house(tmp_path / "home") as house,
        hospital_at(tmp_path, shortcuts=counted.table()) as hospital,
    ):
        counted.parts = replace(house.parts, looks=LookTrail(hospital.ward, hospital.clock.now))
        hospital.app.state.dicomweb = counted.parts
        yield Door(house, hospital, hospital.signed_in(hospital.person("관리 책임자", Role.STEWARD)))
