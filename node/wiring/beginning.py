"""`intramuros node init`: a home directory with keys, configuration and empty databases."""

from __future__ import annotations

import json
import os
from pathlib import Path

from node.ground.config import NodeConfig
from node.ground.home import Home
from node.ground.keyring import make_keys
from node.wiring.place import Place, open_place, usable


def make_home(path: Path, config: NodeConfig) -> Place:
    """A new node; what was there before is never overwritten.

    Raises:
        KeysExist: the directory already holds a node.
        HomeUnusable: the system does not let this user make it.
    """
    home = Home(path.resolve())
    with usable(path):
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_keys(home.keys)
        home.make()
        _write_config(home.path / "node.toml", config)
    place = open_place(path)
    place.migrate()
    return place


def _write_config(path: Path, config: NodeConfig) -> None:
    """The configuration as TOML that says every setting, so that nobody has to look one up."""
    sections = config.model_dump(mode="json", exclude_none=True)
    lines = [f"{key} = {_toml(value)}" for key, value in sections.items() if not isinstance(value, dict)]
    peers = sections["dicom"].pop("peers")
    for tables in ("sources", "web_archives"):
        del sections["dicom"][tables]  # none yet; `[[dicom.sources]]` are tables, added where they are needed
    for name, section in sections.items():
        if isinstance(section, dict):
            lines += ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in section.items())]
            for peer in peers if name == "dicom" else ():
                lines += ["", "[[dicom.peers]]", *(f"{key} = {_toml(value)}" for key, value in peer.items())]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _toml(value: object) -> str:
    """Strings, numbers and truth values are written in TOML as in JSON."""
    return json.dumps(value, ensure_ascii=False)
