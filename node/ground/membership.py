"""What `join` learned: which coordinator this node belongs to, and under which identifier."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from node.ground.told import Told
from protocols.encoding import Base64
from protocols.ids import Uuid
from protocols.signing import PublicIdentity


class MembershipMissing(Told):
    """The node has not joined a federation; `intramuros node join INVITATION` does."""

    text_key = "ground.membership_missing"


class MembershipDamaged(MembershipMissing):
    """What the node knew of its federation cannot be read; it joins again."""

    text_key = "ground.membership_damaged"


class Membership(BaseModel):
    """The coordinator's key and address and this site's identifier; holds no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    site_id: Uuid
    coordinator_name: str
    coordinator_key: Base64
    address: str
    authority_pem: str
    joined_at: datetime

    @property
    def coordinator(self) -> PublicIdentity:
        """The key every instruction, offer and receipt must be sealed with."""
        return PublicIdentity(self.coordinator_key)


def write_membership(path: Path, membership: Membership) -> None:
    """The file holds the membership, or what it held before."""
    temporary = path.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(membership.model_dump_json(indent=2))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_membership(path: Path) -> Membership:
    """The stored membership.

    Raises:
        MembershipMissing: there is none, or the file is damaged.
    """
    try:
        return Membership.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise MembershipMissing from None
    except ValidationError:
        raise MembershipDamaged(file=path) from None
