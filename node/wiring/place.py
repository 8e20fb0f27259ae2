"""A node's place: its home, configuration, keys, clock and engines, opened once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from node.ground.clock import Clock, SystemClock
from node.ground.config import NodeConfig, load_config
from node.ground.faults import system_fault
from node.ground.home import Home
from node.ground.keyring import Keyring
from node.ground.told import Told
from node.storage.engine import Database, open_engine
from node.storage.migrate import check, upgrade


class HomeMissing(Told):
    """The directory is no node's home."""

    text_key = "terminal.home_missing"


class HomeUnusable(Told):
    """The system does not let this user read or make the home directory."""

    text_key = "terminal.home_unusable"


@dataclass(slots=True)
class Place:
    """What every process of a node begins with."""

    home: Home
    config: NodeConfig
    keyring: Keyring
    clock: Clock = field(default_factory=SystemClock)
    _engines: dict[Database, Engine] = field(default_factory=dict)

    def engine(self, database: Database) -> Engine:
        """The engine of one database, whose schema is this release's.

        Raises:
            SchemaUnknown, SchemaOutdated: it is not.
        """
        if database not in self._engines:
            engine = open_engine(database, self.home.path, self.config.database_url)
            check(database, engine)
            self._engines[database] = engine
        return self._engines[database]

    def migrate(self) -> None:
        """Every database has this release's schema."""
        for database in Database:
            upgrade(database, open_engine(database, self.home.path, self.config.database_url))


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """What the system does not allow below a home leaves as `HomeUnusable`."""
    try:
        yield
    except OSError as error:
        raise HomeUnusable(home=path, reason=system_fault(error)) from None


def open_place(path: Path) -> Place:
    """The node at a home directory.

    Raises:
        HomeMissing, HomeUnusable: there is no node there, or not for this user.
        ConfigRefused, KeysMissing, KeysDamaged, KeysUnreadable, KeysExposed: its files are not as they must be.
    """
    home = Home(path.resolve())
    with usable(path):
        if not home.path.is_dir():
            raise HomeMissing(home=path)
    config = load_config(home.path)
    return Place(home, config, Keyring(home.keys))
