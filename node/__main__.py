"""`python -m node …`: the commands hospital IT types, and the processes the supervisor starts."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import typer

from node.edges.processes.child import end_with_parent
from node.ground.logs import configure_logs
from node.wiring.commands import HomeOption, app
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals

_PROCESSES = {
    "receive": "node.wiring.images:run_receive",
    "jobs": "node.wiring.images:run_jobs",
    "web": "node.wiring.web:run_web",
    "wall": "node.wiring.wall:run_wall",
    "supernode": "node.wiring.supernode:run_joined_supernode",
}
"""The body of each process, imported only in that process: the SuperNode must be the first to touch Flower."""


def _process(name: str) -> Callable[[Place], None]:
    module, _, function = _PROCESSES[name].partition(":")
    body: Callable[[Place], None] = getattr(import_module(module), function)
    return body


def _run_child(name: str, home: Path) -> None:
    end_with_parent()
    configure_logs(name)
    with refusals():
        _process(name)(open_place(home))


@app.command("run")
def run(home: HomeOption) -> None:
    """Run the node until it is told to stop: receive, page, jobs, and once joined the wall and its SuperNode."""
    from node.wiring.tree import run_tree

    configure_logs("supervisor")
    with refusals():
        run_tree(open_place(home))


@app.command("openapi")
def openapi(path: Path) -> None:
    """Write the OpenAPI document of the page's API to a file."""
    from node.wiring.web import write_api_document

    with refusals():
        write_api_document(path)


for _name in _PROCESSES:

    def _command(home: HomeOption, name: str = typer.Option(_name, hidden=True)) -> None:
        _run_child(name, home)

    app.command(_name, hidden=True, help=f"The {_name} process; the supervisor starts it.")(_command)


if __name__ == "__main__":
    app(prog_name="intramuros node")
