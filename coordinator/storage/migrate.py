"""Forward migrations with one Alembic head; a schema this release does not know is refused.

A release expands first and contracts one release later, so that the release before it still runs on the new schema.
The file `0002_what_it_does.py` holds the revision `0002`, so that a process that only checks the schema need not load
Alembic.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, inspect, text

from coordinator.ground.told import Told
from coordinator.storage.engine import opening

_MIGRATIONS = Path(__file__).parent / "migrations"
_OWN = "coordinator"


class SchemaUnknown(Told):
    """The database was written by a newer release; upgrade the coordinator or restore a backup."""

    text_key = "refusals.schema-unknown"


class SchemaOutdated(Told):
    """The database waits for its migrations; `intramuros coordinator run` applies them."""

    text_key = "refusals.schema-outdated"


def upgrade(engine: Engine) -> None:
    """The database has this release's schema. Raises: SchemaUnknown."""
    if _known_revision(engine) == revisions()[-1]:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("version_locations", str(_MIGRATIONS / _OWN))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(engine: Engine) -> None:
    """Return when the database has exactly this release's schema. Raises: SchemaUnknown, SchemaOutdated."""
    if _known_revision(engine) != revisions()[-1]:
        raise SchemaOutdated


def revisions() -> list[str]:
    """The revisions this release knows, the oldest first."""
    return [file.name.partition("_")[0] for file in sorted((_MIGRATIONS / _OWN).glob("[0-9]*.py"))]


def _known_revision(engine: Engine) -> str | None:
    with opening(), engine.connect() as connection:
        written = inspect(connection).has_table("alembic_version")
        current = connection.scalar(text("SELECT version_num FROM alembic_version")) if written else None
    if current is not None and current not in revisions():
        raise SchemaUnknown
    return current
