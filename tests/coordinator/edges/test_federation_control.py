"""Commands, environments and keys of the coordinator's Flower processes."""

from __future__ import annotations

import datetime
from pathlib import Path

import flwr
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coordinator.edges.federation import flower_internals
from coordinator.edges.federation.control import Control, TransportKeyRefused, transport_key
from coordinator.edges.federation.superlink import (
    COORDINATOR_HOME_VARIABLE,
    SuperLinkSettings,
    flower_environment,
    superexec_command,
    superlink_command,
)
from coordinator.ground.certificates import make_authority
from protocols.flower_fleet import QUIET_ENVIRONMENT

SETTINGS = SuperLinkSettings(
    port=8000,
    database=Path("state.db"),
    authority_certificate=Path("ca.pem"),
    server_certificate=Path("server.pem"),
    server_key=Path("server.key"),
    secret_file=Path("secret"),
    flwr_home=Path("flwr"),
)
P384 = ec.generate_private_key(ec.SECP384R1()).public_key()


@pytest.mark.parametrize(
    "held",
    [
        P384.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        P384.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["openssh", "pem"],
)
def test_a_transport_key_is_read_in_both_forms(held: bytes) -> None:
    assert transport_key(held).public_numbers() == P384.public_numbers()


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"ecdsa-sha2-nistp384 AAAA",
        ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["nothing", "cut off", "P-256", "Ed25519"],
)
def test_any_other_key_is_refused(held: bytes) -> None:
    with pytest.raises(TransportKeyRefused):
        transport_key(held)


def test_the_superlink_listens_on_loopback_with_node_keys_and_outside_server_apps() -> None:
    command = superlink_command(SETTINGS)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--isolation") + 1] == "process"
    assert {"--enable-supernode-auth", "--disable-runtime-dependency-installation", "--ssl-certfile"} <= set(command)
    assert "--insecure" not in command + superexec_command(SETTINGS)


def test_every_flower_process_is_quiet_and_has_its_own_home() -> None:
    held = flower_environment({"PATH": "/usr/bin"}, flwr_home=Path("/f"), coordinator_home=Path("/c"))
    assert QUIET_ENVIRONMENT.items() <= held.items()
    assert (held["FLWR_HOME"], held[COORDINATOR_HOME_VARIABLE]) == ("/f", "/c")
    assert held["PATH"].endswith(":/usr/bin")


def test_a_superlink_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    authority = make_authority("x", now=datetime.datetime.now(datetime.UTC))
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    with pytest.raises(flower_internals.ControlDown):
        Control("127.0.0.1:1", tmp_path / "ca.pem").list_nodes()


def test_another_flower_than_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flwr, "__version__", "1.42.0")
    with pytest.raises(flower_internals.FlowerVersionRefused, match=r"1\.42\.0"):
        flower_internals.require_pinned_flower()
