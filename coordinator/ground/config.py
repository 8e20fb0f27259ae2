"""The coordinator's configuration: one frozen value read from `coordinator.toml`, handed on in parts.

Unknown keys are refused, secrets live in files of their own, and what has no safe default has none.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from coordinator.ground.faults import Objection, faults, system_fault
from coordinator.ground.home import Home
from coordinator.ground.texts import Language
from coordinator.ground.told import Told

Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\-\[\]:]{1,200}:[0-9]{1,5}$")]


class ConfigRefused(Told):
    """The configuration is missing, damaged, or holds a key or value that is not known."""


class ConfigMissing(ConfigRefused):
    """The home directory holds no configuration file."""

    text_key = "refusals.config-missing"


class ConfigUnreadable(ConfigRefused):
    """The configuration file is there and the system does not give it."""

    text_key = "refusals.config-unreadable"


class ConfigNotToml(ConfigRefused):
    """The configuration file does not follow the TOML format."""

    text_key = "refusals.config-not-toml"


class ConfigInvalid(ConfigRefused):
    """The configuration file holds a key or value that is not known."""

    text_key = "refusals.config-invalid"


class SettingsInvalid(ConfigRefused):
    """What was asked for a new coordinator is no configuration."""

    text_key = "refusals.settings-invalid"


class CoordinatorConfig(BaseModel):
    """Everything `coordinator.toml` can say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    address: Address
    """Host and port of the front, as hospitals and partners reach it."""
    language: Language = Language.KO
    front_host: str = "127.0.0.1"
    front_port: Port = 9443
    api_port: Port = 9444
    superlink_port: Port = 9445
    jobs_poll_seconds: Annotated[float, Field(gt=0, le=60)] = 2.0
    database_url: str | None = None
    """A PostgreSQL URL; without one the coordinator keeps a SQLite file in its home."""

    @model_validator(mode="after")
    def _ports_differ(self) -> CoordinatorConfig:
        if len({self.front_port, self.api_port, self.superlink_port}) != 3:
            raise Objection("refusals.fault-ports")
        return self

    @property
    def host(self) -> str:
        """The host of `address`, without its port and brackets."""
        return self.address.rpartition(":")[0].strip("[]")


def load_config(home: Home) -> CoordinatorConfig:
    """The configuration of a home directory.

    Raises:
        ConfigRefused: naming the key that is wrong.
    """
    path = home.config
    try:
        with path.open("rb") as file:
            return CoordinatorConfig.model_validate(tomllib.load(file))
    except FileNotFoundError:
        raise ConfigMissing(file=path) from None
    except OSError as error:
        raise ConfigUnreadable(file=path, reason=system_fault(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigNotToml(file=path, reason=error) from None
    except ValidationError as error:
        raise ConfigInvalid(file=path, faults=faults(error)) from None


def new_config(settings: Mapping[str, object]) -> CoordinatorConfig:
    """The configuration of a coordinator that is still to be made.

    Raises:
        SettingsInvalid: naming every setting that is wrong.
    """
    try:
        return CoordinatorConfig.model_validate(settings)
    except ValidationError as error:
        raise SettingsInvalid(faults=faults(error)) from None


def config_text(config: CoordinatorConfig) -> str:
    """The configuration as `coordinator.toml` holds it."""
    values = config.model_dump(mode="json", exclude_none=True)
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
