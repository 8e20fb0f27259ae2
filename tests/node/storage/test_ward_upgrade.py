"""What an upgrade of the ward makes of rows that 0.1.0 wrote."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

import node.storage.migrate
from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade
from node.storage.ward_store import WardStore

MIGRATIONS = Path(node.storage.migrate.__file__).parent / "migrations"
PERSON = (
    "INSERT INTO person (person_id, name, name_key, roles, department, language, licence_verified, active, added_at) "
    "VALUES (:id, :id, :id, 'reader', 'radiology', 'ko', :verified, 1, '2026-01-01 00:00:00.000000')"
)


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Engine]:
    """A ward as 0.1.0 and its followers without people's standing left it."""
    engine = open_engine(Database.WARD, tmp_path)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / Database.WARD.value))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "ward_0003")
    yield engine
    engine.dispose()


def test_a_reader_known_as_verified_stays_so_for_a_year_without_numbers(before: Engine) -> None:
    with before.begin() as connection:
        connection.execute(text(PERSON), [{"id": "seen", "verified": True}, {"id": "unseen", "verified": False}])
    upgrade(Database.WARD, before)
    with WardStore(before).reading() as work:
        seen, unseen = work.people.by_id("seen"), work.people.by_id("unseen")
    assert unseen.licence is None
    assert seen.licence is not None
    assert (seen.licence.licence_number, seen.licence.checked_by) == ("", "before-0.2")
    now = datetime.now(UTC)
    assert seen.licence.holds(now + timedelta(days=364))
    assert not seen.licence.holds(now + timedelta(days=366))
