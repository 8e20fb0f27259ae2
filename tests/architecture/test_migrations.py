"""A migration's file carries the number of its revision, one follows the other, and only migrating loads Alembic."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import coordinator.storage.migrate
import node.storage.migrate
from node.storage.engine import Database

ROOT = Path(__file__).parents[2]


def chain(role: str, folder: str) -> list[str]:
    """The revisions as Alembic reads them, the oldest first."""
    migrations = ROOT / role / "storage" / "migrations"
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("version_locations", str(migrations / folder))
    config.set_main_option("path_separator", "os")
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.mark.parametrize("database", Database)
def test_a_nodes_files_are_its_chain(database: Database) -> None:
    assert node.storage.migrate.revisions(database) == chain("node", database.value) != []


def test_the_coordinators_files_are_its_chain() -> None:
    assert coordinator.storage.migrate.revisions() == chain("coordinator", "coordinator") != []


@pytest.mark.parametrize("module", ["node.storage.migrate", "coordinator.storage.migrate"])
def test_checking_a_schema_loads_no_alembic(module: str) -> None:
    program = f"import sys, {module}; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
