from pathlib import Path

import pytest

from coordinator.ground.config import ConfigRefused, CoordinatorConfig, config_text, load_config
from coordinator.ground.home import Home
from coordinator.ground.keys import IdentityDamaged, IdentityExposed, IdentityMissing, read_identity
from coordinator.ground.texts import Language, TextMissing, table, text


def a_config(**changes: object) -> CoordinatorConfig:
    return CoordinatorConfig.model_validate({"name": '조정 "기관"', "address": "[::1]:9443", **changes})


def test_a_configuration_is_read_as_it_was_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.config.write_text(config_text(a_config()), encoding="utf-8")
    assert load_config(home) == a_config()
    assert a_config().host == "::1"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("", "name"),
        ('name = "a"\naddress = "a:1"\nunknown = 1\n', "unknown"),
        ('name = "a"\naddress = "no port"\n', "address"),
        ('name = "a"\naddress = "a:1"\napi_port = 9443\n', "must differ"),
        ("name = ", "TOML"),
    ],
)
def test_a_configuration_that_is_wrong_is_refused_by_name(tmp_path: Path, written: str, named: str) -> None:
    home = Home(tmp_path)
    home.config.write_text(written)
    with pytest.raises(ConfigRefused, match=named):
        load_config(home)


def test_a_home_without_a_configuration_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigRefused, match="coordinator init"):
        load_config(Home(tmp_path))


def test_an_identity_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.key"
    with pytest.raises(IdentityMissing, match="missing"):
        read_identity(path)
    path.write_bytes(bytes(32))
    path.chmod(0o644)
    with pytest.raises(IdentityExposed, match="chmod 600"):
        read_identity(path)
    path.chmod(0o600)
    assert read_identity(path).raw_secret() == bytes(32)
    path.write_bytes(bytes(31))
    with pytest.raises(IdentityDamaged, match="damaged"):
        read_identity(path)


def test_every_text_exists_in_both_languages() -> None:
    assert table(Language.KO).keys() == table(Language.EN).keys()
    with pytest.raises(TextMissing):
        text("operator.no-such-text", Language.KO)
