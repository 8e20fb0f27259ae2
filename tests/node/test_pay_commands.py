"""`intramuros node statement-verify` says whether a statement is as this hospital signed it, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `statement-verify` becomes a command of the application there
from node.ground.config import new_config
from node.pay.card import OwedReading
from node.pay.document import statement_file
from node.pay.statement import accounts, drawn_statement
from node.pay.withholding import PaymentCategory
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_home(tmp_path / "home", new_config({"name": "A"}))


@pytest.fixture
def statement(place: Place, tmp_path: Path) -> Path:
    """A statement that this node signed."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    (account,) = accounts([OwedReading("r", "p", "a", at, Decimal(2000), "KRW", 1)], [])
    drawn = drawn_statement(
        account, PaymentCategory.PAYROLL, statement_id="s", month="2026-03", closed_on=date(2026, 4, 4)
    )
    path = tmp_path / "statement.csv"
    path.write_bytes(statement_file(drawn, "김영상", {"a": "흉부"}, place.keyring.identity()))
    return path


def said(place: Place, file: Path, language: str = "C.UTF-8") -> tuple[int, str]:
    words = ["statement-verify", str(file), "--home", str(place.home.path)]
    done = CliRunner().invoke(app, words, env={"LC_ALL": language})
    return done.exit_code, done.output


def test_a_statement_as_it_was_signed_is_proven(place: Place, statement: Path) -> None:
    assert said(place, statement) == (0, "Every byte of the statement is as this hospital signed it.\n")


@pytest.mark.parametrize(
    ("language", "sentence"), [("C.UTF-8", "a byte was changed"), ("ko_KR.UTF-8", "내용이 바뀌었")]
)
def test_a_changed_statement_is_refused_in_a_sentence(
    place: Place, statement: Path, language: str, sentence: str
) -> None:
    statement.write_bytes(statement.read_bytes().replace(b"2000", b"9000"))
    code, text = said(place, statement, language)
    assert code == 1
    assert sentence in text


def test_a_file_that_is_not_there_is_said_to_be_unreadable(place: Place, tmp_path: Path) -> None:
    code, text = said(place, tmp_path / "none.csv")
    assert code == 1
    assert "cannot be read" in text
