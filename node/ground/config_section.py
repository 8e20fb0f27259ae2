"""What every section of the configuration is: a frozen value in which an unknown key is refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """One table of `node.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
