"""`init`: what it writes can be read back, and it never overwrites a node."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from node.ground.config import ConfigRefused, Dicom, DicomPeer, NodeConfig, load_config
from node.ground.keyring import KeyPurpose, KeysExist, KeysExposed, KeysMissing
from node.wiring.beginning import make_home
from node.wiring.place import HomeMissing, open_place

CONFIG = NodeConfig(
    name='서울 "시험" 병원', dicom=Dicom(port=11113, peers=(DicomPeer(ae_title="CT1"), DicomPeer(ae_title="*")))
)


def test_what_init_wrote_is_read_back(tmp_path: Path) -> None:
    make_home(tmp_path / "home", CONFIG)
    assert load_config(tmp_path / "home") == CONFIG


def test_a_second_init_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    first = make_home(tmp_path, CONFIG).keyring.identity().public
    with pytest.raises(KeysExist):
        make_home(tmp_path, CONFIG)
    assert open_place(tmp_path).keyring.identity().public == first


def test_an_init_that_was_cut_off_is_refused_with_the_remedy(tmp_path: Path) -> None:
    make_home(tmp_path, CONFIG)
    (tmp_path / "keys" / "master.key").unlink()
    with pytest.raises(KeysExist, match="cut off"):
        make_home(tmp_path, CONFIG)


def test_only_the_owner_can_enter_the_home_and_read_its_keys(tmp_path: Path) -> None:
    make_home(tmp_path / "home", CONFIG)
    for path in (tmp_path / "home").rglob("*"):
        if path.is_dir() or path.parent.name == "keys" or path.name == "node.toml":
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    make_home(tmp_path, CONFIG)
    (tmp_path / "keys" / "master.key").chmod(0o644)
    with pytest.raises(KeysExposed):
        open_place(tmp_path)


def test_every_purpose_and_context_has_a_key_of_its_own(tmp_path: Path) -> None:
    keyring = make_home(tmp_path, CONFIG).keyring
    keys = {keyring.derive(purpose, context) for purpose in KeyPurpose for context in (b"", b"a", b"b")}
    assert len(keys) == 3 * len(KeyPurpose)
    assert open_place(tmp_path).keyring.derive(KeyPurpose.PSEUDONYM) == keyring.derive(KeyPurpose.PSEUDONYM)


@pytest.mark.parametrize(
    "line",
    ["surprise = 1", "timezone = 'Mars/Olympus'", "[web]\nport = 0", "[dicom]\nae_title = 'much too long a title'"],
)
def test_a_configuration_that_is_not_known_is_refused_by_name(tmp_path: Path, line: str) -> None:
    (tmp_path / "node.toml").write_text(f"name = 'x'\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigRefused, match=r"surprise|timezone|web\.port|dicom\.ae_title"):
        load_config(tmp_path)


def test_a_directory_that_is_no_home_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing, match="intramuros node init"):
        open_place(tmp_path / "nowhere")
    (tmp_path / "node.toml").write_text("name = 'x'\n", encoding="utf-8")
    with pytest.raises(KeysMissing, match="intramuros node init"):
        open_place(tmp_path)
