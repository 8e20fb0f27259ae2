"""The list beside the databases: it names nobody, survives a cut-off line, and refuses what this node did not write."""

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.exclusions import entry
from fakes.instances import START

from node.ground.texts import Language
from node.intake.errors import ExclusionListDamaged, ExclusionListUnusable
from node.intake.exclusion import ExclusionEntry, ExclusionKind, LiftReason
from node.intake.sealing import Sealer
from node.storage.exclusion_book import ExclusionBookFiles

KEY = bytes(range(32))
FIRST = entry("a", ExclusionKind.OPT_OUT, START)
SECOND = entry("b", ExclusionKind.LEGAL_HOLD, START + timedelta(hours=1), LiftReason.HOLD_ENDED)


def book(*files: Path) -> ExclusionBookFiles:
    return ExclusionBookFiles(files, Sealer(KEY))


def told(*entries: ExclusionEntry) -> dict[str, ExclusionEntry]:
    return {one.entry_id: one for one in entries}


def test_what_was_appended_is_read_as_it_was_and_once(tmp_path: Path) -> None:
    kept = book(tmp_path / "list")
    assert kept.entries() == {}
    kept.append([FIRST])
    kept.append([FIRST, SECOND])
    assert kept.entries() == told(FIRST, SECOND)
    assert len((tmp_path / "list").read_bytes().splitlines()) == 2


def test_the_file_is_its_owners_and_holds_no_word_of_an_entry(tmp_path: Path) -> None:
    book(tmp_path / "list").append([FIRST])
    assert (tmp_path / "list").stat().st_mode & 0o777 == 0o600
    contents = (tmp_path / "list").read_bytes()
    assert [word for word in (b"a" * 64, b"opt-out", b"steward", b"2026") if word in contents] == []


def test_a_line_that_a_crash_cut_off_is_no_line_and_the_next_one_stands_whole(tmp_path: Path) -> None:
    kept = book(tmp_path / "list")
    kept.append([FIRST, SECOND])
    whole = (tmp_path / "list").read_bytes()
    (tmp_path / "list").write_bytes(whole[:-7])
    assert kept.entries() == told(FIRST)
    kept.append([SECOND])
    assert kept.entries() == told(FIRST, SECOND)


@pytest.mark.parametrize("change", [lambda line: b"x" + line[1:], lambda _: b"not base64!", lambda _: b""])
def test_a_line_this_node_did_not_write_is_refused_by_its_number(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]  # bytes to bytes
    book(tmp_path / "list").append([FIRST, SECOND])
    first, second = (tmp_path / "list").read_bytes().splitlines()
    (tmp_path / "list").write_bytes(first + b"\n" + change(second) + b"\n")
    with pytest.raises(ExclusionListDamaged) as refusal:
        book(tmp_path / "list").entries()
    assert refusal.value.fields["line"] == 2
    assert "2" in refusal.value.public_text(Language.KO)


def test_a_line_of_another_node_is_refused(tmp_path: Path) -> None:
    ExclusionBookFiles([tmp_path / "list"], Sealer(bytes(32))).append([FIRST])
    with pytest.raises(ExclusionListDamaged):
        book(tmp_path / "list").entries()


def test_two_files_know_what_either_knows(tmp_path: Path) -> None:
    book(tmp_path / "home").append([FIRST])
    book(tmp_path / "copy").append([SECOND])
    both = book(tmp_path / "home", tmp_path / "copy")
    both.append(list(both.entries().values()))
    assert book(tmp_path / "home").entries() == book(tmp_path / "copy").entries() == told(FIRST, SECOND)


def test_a_place_the_system_does_not_give_is_named(tmp_path: Path) -> None:
    lost = book(tmp_path / "nowhere" / "list")
    assert lost.entries() == {}
    with pytest.raises(ExclusionListUnusable) as refusal:
        lost.append([FIRST])
    assert str(tmp_path / "nowhere" / "list") in refusal.value.public_text(Language.EN)
