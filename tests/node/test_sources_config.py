"""What `[[dicom.sources]]` and `[dicom.tls]` of node.toml may say."""

from pathlib import Path

import pytest

from node.ground.config import ConfigInvalid, load_config
from node.ground.texts import Language

SOURCE = '[[dicom.sources]]\nname = "pacs"\nae_title = "PACS"\nhost = "10.1.2.3"\n'


def configured(home: Path, more: str) -> str:
    """The Korean refusal of a configuration with these lines, or nothing."""
    (home / "node.toml").write_text(f'name = "Hospital"\n{more}', encoding="utf-8")
    try:
        load_config(home)
    except ConfigInvalid as refused:
        return refused.public_text(Language.KO)
    return ""


def test_a_source_is_taken_with_its_hours(tmp_path: Path) -> None:
    assert configured(tmp_path, SOURCE + 'hours = "20:00-06:00"\nretrieve = "get"\n') == ""


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (SOURCE + 'hours = "at night"\n', "20:00-06:00 같은 시간대"),
        (SOURCE + 'hours = "24:00-06:00"\n', "20:00-06:00 같은 시간대"),
        (SOURCE.replace('"pacs"', '"The PACS"'), "소문자, 숫자, 붙임표"),
        (SOURCE + "tls = true\n", "[dicom.tls]가 없음"),
        (SOURCE * 2, "이름이 같은 원천이 둘 있음"),
        (SOURCE + 'retrieve = "steal"\n', "dicom.sources.0.retrieve"),
        ('[dicom.tls]\ncertificate = "a"\ncertificate_key = "b"\n', "dicom.tls.authorities"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(tmp_path: Path, lines: str, told: str) -> None:
    assert told in configured(tmp_path, lines)
