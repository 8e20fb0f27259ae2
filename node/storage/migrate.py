"""Forward migrations: one Alembic head per database; a schema this release does not know is refused.

A release expands first and contracts one release later, so that the release before it still runs on the new schema.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from node.ground.told import Told
from node.storage.engine import Database, opening

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaUnknown(Told):
    """The database was written by a newer release; upgrade the node or restore a backup."""

    text_key = "storage.schema_unknown"


class SchemaOutdated(Told):
    """The database waits for its migrations; `intramuros node run` applies them."""

    text_key = "storage.schema_outdated"


def upgrade(database: Database, engine: Engine) -> None:
    """The database has this release's schema.

    Raises:
        SchemaUnknown: it was written by a newer release.
    """
    config = _config(database)
    _known_revision(database, engine, config)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(database: Database, engine: Engine) -> None:
    """Return when the database has exactly this release's schema.

    Raises:
        SchemaUnknown: it was written by a newer release.
        SchemaOutdated: it waits for its migrations.
    """
    config = _config(database)
    if _known_revision(database, engine, config) != ScriptDirectory.from_config(config).get_current_head():
        raise SchemaOutdated(database=database.value)


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / database.value))
    config.set_main_option("path_separator", "os")
    return config


def _known_revision(database: Database, engine: Engine, config: Config) -> str | None:
    with opening(database.value), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaUnknown(database=database.value)
    return current
