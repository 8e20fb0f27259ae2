"""The coordinator's configuration: one frozen value read from `coordinator.toml`, handed on in parts.

Unknown keys are refused, secrets live in files of their own, and what has no safe default has none.
"""

from __future__ import annotations

import json
import tomllib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from coordinator.ground.errors import CoordinatorError
from coordinator.ground.home import Home
from coordinator.ground.texts import Language

Port = Annotated[int, Field(ge=1, le=65535)]
Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\-\[\]:]{1,200}:[0-9]{1,5}$")]


class ConfigRefused(CoordinatorError):
    """The configuration file is missing, damaged, or holds a key or value that is not known."""


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
            raise ValueError("front_port, api_port and superlink_port must differ")
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
        raise ConfigRefused(f"{path} is missing; `intramuros coordinator init` makes it") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigRefused(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigRefused(f"{path}: " + "; ".join(lines)) from None


def config_text(config: CoordinatorConfig) -> str:
    """The configuration as `coordinator.toml` holds it."""
    values = config.model_dump(mode="json", exclude_none=True)
    return "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items())
