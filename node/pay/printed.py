"""The statement as a PDF: the same rows as its signed CSV, which is attached to it, in the words of one language.

The PDF says what the CSV says and nothing else: it is made from the file's bytes. Whoever doubts it takes the attached
file, which the hospital signed. Source: RFC 4180 (CSV).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from node.ground.texts import Language, text
from node.pay.pdf import Attachment, Line, Piece, document, wrapped
from node.pay.statement import CorrectionReason
from node.pay.withholding import PaymentCategory

_HEAD: Final = ("statement", "month", "reader", "currency", "payment category")
_SUMS: Final = ("gross", "income tax withheld", "local income tax withheld", "net")
_SIZE: Final = 10.0
_VALUES: Final = 0.3
_FIRST: Final = 0.45
"""How much of the line the first column of the table has."""
_COLUMNS: Final = (0.62, 0.78, 1.0)
"""Where the figures of the others end."""


def printed_statement(file: bytes, language: Language) -> bytes:
    """The PDF of a signed statement. Raises: ValueError for a file that is none."""
    rows = list(csv.reader(io.StringIO(file.decode("utf-8"))))
    about = {row[0]: row[1:] for row in rows if row and row[0] in _HEAD}
    number = about["statement"][0]
    return document(list(_lines(rows, about, language)), Attachment(f"statement-{number}.csv", file))


def _lines(rows: list[list[str]], about: dict[str, list[str]], language: Language) -> Iterator[Line]:
    def said(name: str, **fields: object) -> str:
        return text(f"pay.printed_{name}", language, **fields)

    yield Line((Piece(said("title")),), 18.0)
    yield Line(())
    category = PaymentCategory(about["payment category"][0])
    told = {
        "month": about["month"][0],
        "reader": about["reader"][0],
        "number": about["statement"][0],
        "currency": about["currency"][0],
        "category": said(f"category_{category.value.replace('-', '_')}"),
        "law": about["payment category"][1],
    }
    for name, value in told.items():
        first, *rest = wrapped(value, _SIZE, 1.0 - _VALUES)
        yield Line((Piece(said(name)), Piece(first, _VALUES)), _SIZE)
        yield from (Line((Piece(one, _VALUES),), _SIZE) for one in rest)
    yield Line(())
    yield from _rows((said("project"), said("rate"), said("readings"), said("total")))
    for row in rows:
        if row[:1] == ["readings"]:
            yield from _rows((row[1], _amount(row[2]), row[3], _amount(row[4])))
        elif row[:1] == ["counter-entry"]:
            reason = CorrectionReason(row[2]).value.replace("-", "_")
            yield from _rows((said("correction", reason=said(f"reason_{reason}")), "", "", _amount(row[4])))
    yield Line(())
    yield from (_sum(said, row) for row in rows if row and row[0] in _SUMS)
    yield Line(())
    yield Line((Piece(said("signed")),), 8.0)
    yield Line((Piece(said("attached", number=told["number"])),), 8.0)


def _rows(cells: tuple[str, str, str, str]) -> Iterator[Line]:
    """A row of the table; a long first cell goes on below."""
    (first, *rest), figures = wrapped(cells[0], _SIZE, _FIRST), cells[1:]
    ended = (Piece(one, at, ends=True) for one, at in zip(figures, _COLUMNS, strict=True))
    yield Line((Piece(first), *ended), _SIZE)
    yield from (Line((Piece(one),), _SIZE) for one in rest)


def _sum(said: Callable[[str], str], row: list[str]) -> Line:
    size = 12.0 if row[0] == "net" else _SIZE
    return Line((Piece(said(row[0].replace(" ", "_"))), Piece(_amount(row[4]), 1.0, ends=True)), size)


def _amount(written: str) -> str:
    """The amount with its thousands apart, exactly as many places as it has."""
    return f"{Decimal(written):,f}"
