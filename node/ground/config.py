"""The node's configuration: one frozen value read from `node.toml`, handed on in parts.

Unknown keys are refused, secrets live in files of their own, and what has no safe default has none.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from node.ground.errors import NodeError
from node.ground.texts import Language

Port = Annotated[int, Field(ge=1, le=65535)]
AeTitle = Annotated[str, StringConstraints(pattern=r"^[\x21-\x5b\x5d-\x7e]{1,16}$")]
MEBIBYTE = 1024 * 1024


class ConfigRefused(NodeError):
    """The configuration file is missing, damaged, or holds a key or value that is not known."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DicomPeer(_Section):
    """A DICOM application that may send: its AE title; `*` takes any."""

    ae_title: str
    address: str = "127.0.0.1"


class Dicom(_Section):
    """The receiving side."""

    ae_title: AeTitle = "INTRAMUROS"
    host: str = "127.0.0.1"
    port: Port = 11112
    peers: tuple[DicomPeer, ...] = ()
    free_space_reserve_mib: Annotated[int, Field(ge=1)] = 512
    """Below this much free disk a C-STORE is answered A700, so that the PACS tries again."""
    max_instance_mib: Annotated[int, Field(ge=1)] = 1024
    max_associations: Annotated[int, Field(ge=1, le=200)] = 16


class Web(_Section):
    """The page and its API. Outside loopback a certificate is required."""

    host: str = "127.0.0.1"
    port: Port = 8400
    certificate: Path | None = None
    certificate_key: Path | None = None
    session_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 8 * 60


class Wall(_Section):
    """The wall process and the SuperNode beside it."""

    supernode_port: Port = 9094
    inbox_poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    min_survivors: Annotated[int, Field(ge=1)] = 3
    fit_threads: Annotated[int, Field(ge=1, le=256)] = 1
    ledger_payload_days: Annotated[int, Field(ge=1)] = 90


class Retention(_Section):
    """How long received bytes are kept after acceptance."""

    received_days: Annotated[int, Field(ge=1)] = 30


class NodeConfig(_Section):
    """Everything `node.toml` can say."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    language: Language = Language.KO
    timezone: str = "Asia/Seoul"
    dicom: Dicom = Dicom()
    web: Web = Web()
    wall: Wall = Wall()
    retention: Retention = Retention()
    database_url: str | None = None
    """A PostgreSQL URL; without one the node keeps SQLite files in its home."""

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("unknown time zone") from None
        return value


def load_config(home: Path) -> NodeConfig:
    """The configuration of a node's home directory.

    Raises:
        ConfigRefused: naming the key that is wrong.
    """
    path = home / "node.toml"
    try:
        with path.open("rb") as file:
            return NodeConfig.model_validate(tomllib.load(file))
    except FileNotFoundError:
        raise ConfigRefused(f"{path} is missing; `intramuros node init` makes it") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigRefused(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigRefused(f"{path}: " + "; ".join(lines)) from None
