"""The SuperNode process of a node that has joined: Flower with this node's transport key, and its own home."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from node.edges.federation.supernode import SuperNodeSettings, run_supernode
from node.ground.membership import read_membership
from node.wiring.place import Place
from protocols.bundle import BUNDLE_SHA256


def run_joined_supernode(place: Place) -> None:
    """Run until told to stop.

    Raises:
        MembershipMissing: the node has not joined.
    """
    membership = read_membership(place.home.membership)
    authority = place.home.run / "authority.pem"
    authority.write_text(membership.authority_pem, encoding="ascii")
    run_supernode(
        SuperNodeSettings(
            coordinator_address=membership.address,
            root_certificate=authority,
            transport_key=place.keyring.transport_key_path,
            secret_file=runtime_secret(place),
            runtime_port=place.config.wall.supernode_port,
            flwr_home=place.home.flower,
            allowed_bundle_sha256=BUNDLE_SHA256,
        )
    )


def runtime_secret(place: Place) -> Path:
    """The file with the secret between the SuperNode and the worker; made once, for the owner only."""
    path = place.home.keys / "supernode.secret"
    if not path.exists():
        temporary = path.with_name(f"supernode.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # the other process made it first: its secret is the one that counts
            path.hardlink_to(temporary)
        temporary.unlink()
    return path
