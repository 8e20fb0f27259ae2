"""The statement as a file: CSV whose last line is the hospital's signature over every byte before it.

Names and titles that a spreadsheet would take for a formula begin with an apostrophe.
Source: RFC 4180 (CSV); RFC 8032 (Ed25519).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from node.pay.errors import StatementBroken
from node.pay.statement import DrawnStatement
from protocols.errors import SignatureRefused
from protocols.signing import Identity, PublicIdentity, Purpose

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SIGNED = b"signed,"
_PARTS = 2


def statement_file(drawn: DrawnStatement, name: str, titles: Mapping[str, str], identity: Identity) -> bytes:
    """The signed statement of the person of this name."""
    content = _table(drawn, name, titles)
    key, signature = identity.public.raw.hex(), identity.sign(Purpose.STATEMENT, content).hex()
    return content + _SIGNED + f"{key},{signature}\r\n".encode("ascii")


def check_statement_file(file: bytes, trusted: PublicIdentity) -> None:
    """Return when the file is as the hospital of this identity signed it. Raises: StatementBroken."""
    at = file.rfind(b"\n" + _SIGNED) + 1
    parts = file[at + len(_SIGNED) :].removesuffix(b"\r\n").split(b",")
    try:
        if at == 0 or len(parts) != _PARTS or bytes.fromhex(str(parts[0], "ascii")) != trusted.raw:
            raise StatementBroken
        trusted.verify(bytes.fromhex(str(parts[1], "ascii")), Purpose.STATEMENT, file[:at])
    except (ValueError, SignatureRefused):
        raise StatementBroken from None


def _table(drawn: DrawnStatement, name: str, titles: Mapping[str, str]) -> bytes:
    made, account, text = drawn.statement, drawn.account, io.StringIO()
    out = csv.writer(text)
    out.writerow(["statement", made.statement_id])
    out.writerow(["month", made.month])
    out.writerow(["reader", _plain(name), account.person_id])
    out.writerow(["currency", account.currency])
    out.writerow(["payment category", made.category.value, drawn.law])
    out.writerow(["line", "project", "rate", "readings", "total"])
    for line in account.lines:
        title = _plain(titles[line.project_id])
        out.writerow(["readings", title, f"{line.amount:f}", line.readings, f"{line.total:f}"])
    for entry in account.entries:
        out.writerow(["counter-entry", entry.corrects, entry.reason.value, "", f"{entry.amount:f}"])
    for word, amount in (
        ("gross", made.gross),
        ("income tax withheld", made.tax.income_tax),
        ("local income tax withheld", made.tax.local_tax),
        ("net", made.net),
    ):
        out.writerow([word, "", "", "", f"{amount:f}"])
    return text.getvalue().encode("utf-8")


def _plain(words: str) -> str:
    return "'" + words if words.startswith(_FORMULA) else words
