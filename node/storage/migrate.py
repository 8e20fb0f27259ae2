"""Forward migrations: one Alembic head per database; a schema this release does not know is refused.

A release expands first and contracts one release later, so that the release before it still runs on the new schema.
The file `0002_what_it_does.py` in a database's folder holds the revision `<database>_0002`, so that a process that only
checks its schema need not load Alembic.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

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
    if _known_revision(database, engine) == revisions(database)[-1]:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / database.value))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(database: Database, engine: Engine) -> None:
    """Return when the database has exactly this release's schema.

    Raises:
        SchemaUnknown: it was written by a newer release.
        SchemaOutdated: it waits for its migrations.
    """
    if _known_revision(database, engine) != revisions(database)[-1]:
        raise SchemaOutdated(database=database.value)


def revisions(database: Database) -> list[str]:
    """The revisions of a database this release knows, the oldest first."""
    files = sorted((_MIGRATIONS / database.value).glob("[0-9]*.py"))
    return [f"{database.value}_{file.name.partition('_')[0]}" for file in files]


def _known_revision(database: Database, engine: Engine) -> str | None:
    with opening(database.value), engine.connect() as connection:
        written = inspect(connection).has_table("alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if written else None
    if current is not None and current not in revisions(database):
        raise SchemaUnknown(database=database.value)
    return current
