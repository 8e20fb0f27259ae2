"""The terminal of whoever types a command: its language, what it shows, and how a refusal becomes one sentence.

The language is the terminal's own, of `LC_ALL`, `LC_MESSAGES` or `LANG`, the first that is set: Korean where it begins
with `ko`, English otherwise. What a script reads (`--json`) has no language.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from node.ground.errors import NodeError
from node.ground.texts import Language, text
from node.ground.told import Told
from protocols.errors import ProtocolError

REFUSED = 1


def language() -> Language:
    """The language of this terminal."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return Language.KO if chosen.lower().startswith("ko") else Language.EN


def say(name: str, /, **fields: object) -> str:
    """A text of the terminal in its language."""
    return text(f"terminal.{name}", language(), **fields)


def show(document: object, *lines: str, as_json: bool) -> None:
    """The document for a script, or the lines for a person, on standard output."""
    told = json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines)
    sys.stdout.write(f"{told}\n")


@contextmanager
def refusals() -> Iterator[None]:
    """What the node refuses is printed as one sentence, with exit code 1."""
    try:
        yield
    except Told as refusal:
        end_with(refusal.public_text(language()))
    except (NodeError, ProtocolError) as refusal:
        end_with(say("refused", reason=refusal))


def end_with(sentence: str) -> NoReturn:
    """The command ends with the sentence and exit code 1."""
    sys.stderr.write(f"intramuros node: {sentence}\n")
    raise SystemExit(REFUSED) from None
