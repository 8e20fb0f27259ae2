"""`python -m node.wiring.process NAME --home HOME`: one process of a node, as the supervisor starts it.

It loads the body of that process and no command line: what one process needs (DICOM, a web framework, Flower) costs
the others neither time nor memory. A test names what each of them must not load.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from node.edges.processes.child import end_with_parent
from node.ground.logs import configure_logs
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals

BODIES: Final = {
    "receive": "node.wiring.receiving:run_receive",
    "jobs": "node.wiring.jobs:run_jobs",
    "web": "node.wiring.web:run_web",
    "wall": "node.wiring.wall:run_wall",
    "supernode": "node.wiring.supernode:run_joined_supernode",
}
"""The body of each process, imported only in that process: the SuperNode must be the first to touch Flower."""


def body_of(name: str) -> Callable[[Place], None]:
    """What the process does; its module is loaded."""
    module, _, function = BODIES[name].partition(":")
    body: Callable[[Place], None] = getattr(import_module(module), function)
    return body


def main(words: Sequence[str] | None = None) -> None:
    """The process has run until it was told to stop, or its refusal stands in its log."""
    parser = argparse.ArgumentParser(prog="node process", description="One process of a node.")
    parser.add_argument("name", choices=BODIES)
    parser.add_argument("--home", type=Path, required=True)
    chosen = parser.parse_args(words)
    end_with_parent()
    configure_logs(chosen.name)
    with refusals():
        body_of(chosen.name)(open_place(chosen.home))


if __name__ == "__main__":
    main()
