"""The node's configuration: one frozen value read from `node.toml`, handed on in parts.

Unknown keys are refused, secrets live in files of their own, and what has no safe default has none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from node.ground.faults import Objection, faults, system_fault
from node.ground.texts import Language
from node.ground.told import Told

Port = Annotated[int, Field(ge=1, le=65535)]
AeTitle = Annotated[str, StringConstraints(pattern=r"^[\x21-\x5b\x5d-\x7e]{1,16}$")]
MEBIBYTE = 1024 * 1024


class ConfigRefused(Told):
    """The configuration is missing, damaged, or holds a key or value that is not known."""


class ConfigMissing(ConfigRefused):
    """The home directory holds no configuration file."""

    text_key = "ground.config_missing"


class ConfigUnreadable(ConfigRefused):
    """The configuration file is there and the system does not give it."""

    text_key = "ground.config_unreadable"


class ConfigNotToml(ConfigRefused):
    """The configuration file does not follow the TOML format."""

    text_key = "ground.config_not_toml"


class ConfigInvalid(ConfigRefused):
    """The configuration file holds a key or value that is not known."""

    text_key = "ground.config_invalid"


class SettingsInvalid(ConfigRefused):
    """What was asked for a new node is no configuration."""

    text_key = "ground.settings_invalid"


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
    ledger_payload_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    """How long the exact bytes that left are kept, once delivered; their ledger entries stay for ever."""


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
            raise Objection("ground.fault_time_zone") from None
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
        raise ConfigMissing(file=path) from None
    except OSError as error:
        raise ConfigUnreadable(file=path, reason=system_fault(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigNotToml(file=path, reason=error) from None
    except ValidationError as error:
        raise ConfigInvalid(file=path, faults=faults(error)) from None


def new_config(settings: Mapping[str, object]) -> NodeConfig:
    """The configuration of a node that is still to be made.

    Raises:
        SettingsInvalid: naming every setting that is wrong.
    """
    try:
        return NodeConfig.model_validate(settings)
    except ValidationError as error:
        raise SettingsInvalid(faults=faults(error)) from None
