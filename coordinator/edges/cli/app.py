"""The command line as one application."""

from __future__ import annotations

import typer

from coordinator.edges.cli.members import add_members
from coordinator.edges.cli.office import Doors
from coordinator.edges.cli.setup import add_setup
from coordinator.edges.cli.work import add_work


def command_line(doors: Doors) -> typer.Typer:
    """`intramuros coordinator …`"""
    app = typer.Typer(
        name="intramuros coordinator",
        help="Outside the hospitals: invite them, carry rounds, publish models. It never sees a patient's datum.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    add_setup(app, doors)
    add_members(app, doors)
    add_work(app, doors)
    return app
