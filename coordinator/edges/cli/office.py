"""What commands work with, how they print, and how a refusal becomes one sentence and an exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn, Protocol

import typer

from coordinator.flows.books import UnitOfWork
from coordinator.ground.clock import Clock
from coordinator.ground.config import CoordinatorConfig
from coordinator.ground.errors import CoordinatorError
from coordinator.ground.face import Face
from coordinator.ground.texts import Language, text
from coordinator.ground.told import Told
from protocols.errors import ProtocolError

HOME_VARIABLE = "INTRAMUROS_COORDINATOR_HOME"
REFUSED = 1

HomeOption = Annotated[
    Path, typer.Option("--home", envvar=HOME_VARIABLE, help="The coordinator's home directory.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value for a script.")]


@dataclass(frozen=True, slots=True)
class Office:
    """An opened coordinator."""

    work: UnitOfWork
    clock: Clock
    face: Face
    config: CoordinatorConfig


class Doors(Protocol):
    """What the composition root offers the command line."""

    def open_office(self, home: Path) -> Office:
        """The coordinator of an initialised home."""
        ...

    def init(self, home: Path, config: CoordinatorConfig) -> Face:
        """The home is initialised, keys and database made."""
        ...

    def is_ready(self, home: Path) -> bool:
        """Whether the coordinator of this home runs, and front, api and SuperLink answer."""
        ...

    def processes(self) -> Mapping[str, Callable[[Path], None]]:
        """The long-running processes by name; `run` supervises the others."""
        ...


@contextmanager
def refusals() -> Iterator[None]:
    """What a station refuses is printed as one sentence, with exit code 1."""
    try:
        yield
    except Told as refusal:
        _end_with(refusal.public_text(language()))
    except (CoordinatorError, ProtocolError) as refusal:
        _end_with(say("refusals.other", reason=refusal))


def language() -> Language:
    """The language of this terminal: Korean where its locale begins with `ko`, English otherwise."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.KO if chosen.lower().startswith("ko") else Language.EN


def say(key: str, /, **fields: object) -> str:
    """A text in the language of this terminal."""
    return text(key, language(), **fields)


def show(document: Any, *lines: str, as_json: bool) -> None:
    """The document for a script, or the lines for a person, on standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines), flush=True)


def _end_with(sentence: str) -> NoReturn:
    print(f"intramuros coordinator: {sentence}", file=sys.stderr)
    raise typer.Exit(REFUSED) from None
