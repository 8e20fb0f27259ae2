"""Commands that make and run a coordinator: init, run, login-code, and the processes `run` starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from coordinator.edges.cli.office import Doors, HomeOption, JsonOption, refusals, say, show
from coordinator.flows.sign_in import CODE_MINUTES, issue_code
from coordinator.ground.config import CoordinatorConfig, new_config
from coordinator.ground.texts import Language

_DEFAULTS = CoordinatorConfig(name="-", address="localhost:9443")


def add_setup(app: typer.Typer, doors: Doors) -> None:
    """The commands are part of the application."""
    _add_init(app, doors)
    _add_status(app, doors)
    _add_login_code(app, doors)
    for name, process in doors.processes().items():
        _add_process(app, name, process)


def _add_init(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def init(
        *,
        home: HomeOption,
        name: Annotated[str, typer.Option(help="The coordinator's name, as hospitals will see it.")],
        address: Annotated[str, typer.Option(help="HOST:PORT of the front, as hospitals and partners reach it.")],
        listen: Annotated[str, typer.Option(help="Where the front listens; 0.0.0.0 for all.")] = _DEFAULTS.front_host,
        front_port: Annotated[int | None, typer.Option(help="The front's port; default: that of --address.")] = None,
        api_port: Annotated[int, typer.Option(help="Loopback port of the api process.")] = _DEFAULTS.api_port,
        superlink_port: Annotated[int, typer.Option(help="Loopback port of Flower.")] = _DEFAULTS.superlink_port,
        language: Annotated[Language, typer.Option(help="Language of the operator's page.")] = Language.KO,
        database_url: Annotated[str | None, typer.Option(help="PostgreSQL URL; default: a SQLite file.")] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Make a coordinator: identity, certificate authority, database, coordinator.toml."""
        values = {
            "name": name, "address": address, "front_host": listen, "api_port": api_port, "language": language,
            "front_port": front_port or _port_of(address), "superlink_port": superlink_port,
            "database_url": database_url,
        }  # fmt: skip
        with refusals():
            face = doors.init(home, new_config(values))
        fingerprint = face.identity.public.fingerprint
        document = {"home": str(home), "name": name, "address": address, "fingerprint": fingerprint}
        made = say("terminal.made", coordinator=name, home=home), say("terminal.fingerprint", fingerprint=fingerprint)
        show(document, *made, as_json=as_json)


def _add_status(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def status(home: HomeOption, as_json: JsonOption = False) -> None:
        """Say whether the coordinator runs and every process of it answers."""
        with refusals():
            office = doors.open_office(home)
            ready = doors.is_ready(home)
        document = {"ready": ready, "name": office.config.name, "address": office.config.address}
        line = say("terminal.answers" if ready else "terminal.not-running", coordinator=office.config.name)
        show(document, line, as_json=as_json)


def _add_login_code(app: typer.Typer, doors: Doors) -> None:
    @app.command("login-code")
    def login_code(home: HomeOption, as_json: JsonOption = False) -> None:
        """Print a one-time code for the operator's page."""
        with refusals():
            office = doors.open_office(home)
            code = issue_code(office.work, now=office.clock.now())
        address = f"http://127.0.0.1:{office.config.api_port}/operator/"
        lines = say("terminal.login-code", code=code, minutes=CODE_MINUTES), say("terminal.login-page", page=address)
        show({"code": code, "page": address}, *lines, as_json=as_json)


def _add_process(app: typer.Typer, name: str, process: Callable[[Path], None]) -> None:
    @app.command(name, hidden=name != "run", help=process.__doc__)
    def run_process(home: HomeOption) -> None:
        with refusals():
            process(home)


def _port_of(address: str) -> int:
    port = address.rpartition(":")[2]
    return int(port) if port.isdigit() else 0
