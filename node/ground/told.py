"""Refusals that a person at a terminal meets: what happened, whose it is and what to do, in Korean and English.

An error that a command can end with is `Told`. What another part of the node answers itself (the page with a problem,
the gate with a code, a flow with its next try) is not, and has a reason in English for the log only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from node.ground.errors import NodeError
from node.ground.texts import Language, text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence that itself differs by language."""

    text_key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def public_text(self, language: Language) -> str:
        """The phrase in the reader's language."""
        return text(self.text_key, language, **self.fields)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Several phrases in a row."""

    parts: tuple[Phrase, ...]

    def public_text(self, language: Language) -> str:
        """The phrases in the reader's language, in one line."""
        return "; ".join(part.public_text(language) for part in self.parts)


class Told(NodeError):
    """A refusal with a sentence for people: `text_key` names it, `fields` fill it in. As a string it is English."""

    text_key: ClassVar[str]

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(self.public_text(Language.EN))

    def public_text(self, language: Language) -> str:
        """What happened and what to do, in the reader's language."""
        worded = {
            name: value.public_text(language) if isinstance(value, Phrase | Phrases) else value
            for name, value in self.fields.items()
        }
        return text(self.text_key, language, **worded)
