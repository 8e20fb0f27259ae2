"""A statement as PDF: what its signed file says, in both languages, with the file inside."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from node.ground.texts import Language
from node.pay.card import OwedReading
from node.pay.document import check_statement_file, statement_file
from node.pay.pdf import MARGIN, PAGE_WIDTH, Attachment, Line, Piece, document, width, wrapped
from node.pay.printed import printed_statement
from node.pay.statement import accounts, drawn_statement
from node.pay.withholding import PaymentCategory
from protocols.signing import Identity

SIGNER = Identity.from_raw(bytes(range(32)))
SHOWN = re.compile(r"/(L|K) [0-9.]+ Tf <([0-9a-f]*)> Tj")


def signed(projects: int = 1, *, name: str = "김영상") -> bytes:
    at = datetime(2026, 3, 5, tzinfo=UTC)
    owed = [
        OwedReading(f"r{number}", "person", f"p{number:03d}", at, Decimal("1234.50"), "USD", 1)
        for number in range(projects)
    ]
    (account,) = accounts(owed, [])
    drawn = drawn_statement(
        account, PaymentCategory.INVOICE, statement_id="number", month="2026-03", closed_on=date(2026, 4, 5)
    )
    return statement_file(drawn, name, {f"p{number:03d}": f"흉부 {number}" for number in range(projects)}, SIGNER)


def words(made: bytes) -> str:
    """What the pages show, run after run."""
    codecs = {"L": "ascii", "K": "utf-16-be"}
    text = made.decode("latin-1")
    return "\n".join(bytes.fromhex(shown).decode(codecs[font]) for font, shown in SHOWN.findall(text))


@pytest.mark.parametrize(("language", "said"), [(Language.KO, "판독료"), (Language.EN, "Statement of readings")])
def test_a_statement_is_said_in_either_language_with_its_exact_amounts(language: Language, said: str) -> None:
    shown = words(printed_statement(signed(), language))
    for one in (said, "김영상", "2026-03", "1,234.50", "number"):
        assert one in shown


def test_the_signed_file_lies_inside_byte_for_byte() -> None:
    file = signed()
    made = printed_statement(file, Language.KO)
    begins = made.index(file)
    check_statement_file(made[begins : begins + len(file)], SIGNER.public)


def test_the_same_statement_is_the_same_bytes_and_the_cross_references_are_right() -> None:
    made = printed_statement(signed(90), Language.KO)
    assert made == printed_statement(signed(90), Language.KO)
    assert made.count(b"/Type /Page ") == 3
    begins = int(made.rstrip().splitlines()[-2])
    assert made[begins : begins + 4] == b"xref"
    places = [int(one) for one in re.findall(rb"(\d{10}) 00000 n", made)]
    for number, place in enumerate(places, start=1):
        assert made[place:].startswith(b"%d 0 obj" % number)


def test_what_ends_a_line_ends_at_the_margin_and_nothing_breaks_out_of_its_string() -> None:
    hostile = ") Tj ET (\n\u0000\U0001f600<>"
    line = Line((Piece("1,000", 1.0, ends=True), Piece(hostile)))
    made = document([line], Attachment("a.csv", b"x")).decode("latin-1")
    left = float(re.findall(r"BT ([0-9.]+)", made)[0])
    assert left + width("1,000", line.size) == pytest.approx(PAGE_WIDTH - MARGIN, abs=0.01)
    assert made.count(" Tj ET") == 2
    assert "\ufffd" in words(made.encode("latin-1"))


def test_long_words_go_on_in_the_next_line_and_nothing_is_lost() -> None:
    for words in ("가나다라마바사 " * 30, "x" * 400, "a b", ""):
        lines = wrapped(words.strip(), 10.0, 0.4)
        assert "".join("".join(lines).split()) == "".join(words.split())
        assert all(width(one, 10.0) <= 0.4 * (PAGE_WIDTH - 2 * MARGIN) for one in lines)
