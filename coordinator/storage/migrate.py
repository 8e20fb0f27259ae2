"""Forward migrations with one Alembic head; a schema this release does not know is refused.

A release expands first and contracts one release later, so that the release before it still runs on the new schema.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from coordinator.ground.told import Told
from coordinator.storage.engine import opening

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaUnknown(Told):
    """The database was written by a newer release; upgrade the coordinator or restore a backup."""

    text_key = "refusals.schema-unknown"


class SchemaOutdated(Told):
    """The database waits for its migrations; `intramuros coordinator run` applies them."""

    text_key = "refusals.schema-outdated"


def upgrade(engine: Engine) -> None:
    """The database has this release's schema. Raises: SchemaUnknown."""
    config = _config()
    _known_revision(engine, config)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Return when the database has exactly this release's schema. Raises: SchemaUnknown, SchemaOutdated."""
    config = _config()
    if _known_revision(engine, config) != ScriptDirectory.from_config(config).get_current_head():
        raise SchemaOutdated


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / "coordinator"))
    config.set_main_option("path_separator", "os")
    return config


def _known_revision(engine: Engine, config: Config) -> str | None:
    with opening(), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaUnknown
    return current
