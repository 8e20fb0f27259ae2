"""`intramuros node certificate-verify` says who was examined for what, or refuses in a sentence of both languages."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `certificate-verify` becomes a command of the application there
from node.readers.pledge import Certificate
from node.teaching.proof import certificate_file
from node.wiring.commands import app
from protocols.signing import Identity

SIGNER = Identity.from_raw(bytes(range(32)))


def certificate(tmp_path: Path, last_day: date = date(2099, 1, 1)) -> Path:
    held = Certificate("p", "chest-film-abnormal", "t", datetime(2026, 3, 2, tzinfo=UTC), last_day)
    path = tmp_path / "certificate.imurs"
    path.write_bytes(certificate_file(held, holder="김라벨", hospital="예시병원", identity=SIGNER))
    return path


def said(file: Path, fingerprint: str = SIGNER.public.fingerprint, language: str = "C.UTF-8") -> tuple[int, str]:
    words = ["certificate-verify", str(file), "--fingerprint", fingerprint]
    done = CliRunner().invoke(app, words, env={"LC_ALL": language})
    return done.exit_code, done.output


def test_a_certificate_of_the_named_hospital_is_told_in_words(tmp_path: Path) -> None:
    code, text = said(certificate(tmp_path))
    assert code == 0
    assert all(word in text for word in ("예시병원", "김라벨", "chest-film-abnormal", "2099-01-01"))


@pytest.mark.parametrize(("language", "sentence"), [("C.UTF-8", "not by the one you named"), ("ko_KR.UTF-8", "지정한")])
def test_another_signer_is_refused(tmp_path: Path, language: str, sentence: str) -> None:
    code, text = said(certificate(tmp_path), "0000", language)
    assert code == 1
    assert sentence in text


def test_an_expired_changed_or_missing_file_is_refused(tmp_path: Path) -> None:
    assert "qualify again" in said(certificate(tmp_path, date(2026, 3, 3)))[1]
    changed = certificate(tmp_path)
    changed.write_bytes(changed.read_bytes().replace(b"2099", b"2199"))
    assert "was changed" in said(changed)[1]
    assert "cannot be read" in said(tmp_path / "none.imurs")[1]
