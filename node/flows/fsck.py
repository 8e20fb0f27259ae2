"""The stores held against the index, both ways: what is missing, changed, unreadable, or known to nobody.

Reads only, and may run beside a working node: what comes, goes or moves meanwhile is looked at a second time before it
is called damaged. Files in the lanes of `incoming/` are on their way and belong to the next start, not to this check.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

from node.intake.damage import Damage, Found, Shelved

_STRIDE: Final = 200


class Shelf(Protocol):
    """One store and what the index knows of it."""

    @property
    def store(self) -> str:
        """What the store is called."""
        ...

    def after(self, name: str, limit: int) -> Sequence[Shelved]:
        """The next objects in the order of their names whose bytes must be there. Raises: StoreFailed."""
        ...

    def examine(self, shelved: Shelved, *, whole: bool = True) -> Damage | None:
        """What is wrong with one object's bytes; without `whole` only whether they are there. Raises: StoreFailed."""
        ...

    def unknown(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the names that the index does not know. Raises: StoreFailed."""
        ...

    def names(self) -> Iterator[str]:
        """The name of every file that stands in its final place."""
        ...


@dataclass(slots=True)
class Checked:
    """How far a check has come, and what it has found."""

    objects: int = 0
    files: int = 0
    found: list[Found] = field(default_factory=list)


def check_stores(shelves: Sequence[Shelf], *, whole: bool = True) -> Generator[Checked, None, Checked]:
    """Every object of the index and every file of the stores was looked at; yields the state as it grows.

    Raises:
        StoreFailed: the index did not answer.
    """
    checked = Checked()
    for shelf in shelves:
        yield from _expected(shelf, checked, whole=whole)
        yield from _standing(shelf, checked)
    return checked


def _expected(shelf: Shelf, checked: Checked, *, whole: bool) -> Iterator[Checked]:
    name = ""
    while stride := shelf.after(name, _STRIDE):
        for shelved in stride:
            damage = shelf.examine(shelved, whole=whole)
            if damage is not None:
                checked.found.append(Found(shelf.store, shelved.name, damage))
        checked.objects += len(stride)
        name = stride[-1].name
        yield checked


def _standing(shelf: Shelf, checked: Checked) -> Iterator[Checked]:
    names = shelf.names()
    while stride := list(islice(names, _STRIDE)):
        orphans = shelf.unknown(stride)
        checked.found += [Found(shelf.store, name, Damage.ORPHANED) for name in orphans]
        checked.files += len(stride)
        yield checked
