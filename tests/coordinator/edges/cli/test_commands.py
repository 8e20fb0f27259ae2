"""The operator's commands on a real home, in this process."""

import json
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import PLAN, a_plan, a_transport_key, an_enrolment_request, an_identity
from fakes.coordinator_world import TRANSPORT_PEM
from typer.testing import CliRunner

import coordinator.__main__ as root
from coordinator.edges.cli.app import command_line
from coordinator.flows.join import enrol
from coordinator.flows.partners import submit_plan
from coordinator.partner.home import key_text
from protocols.cards import PartnerCard
from protocols.encoding import encode
from protocols.enrolment import Invitation
from protocols.signing import Identity, Purpose, seal


class Operator:
    """Somebody at the terminal."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._app = command_line(root.Doors())

    def types(self, *words: str, code: int = 0) -> str:
        """What the command prints; it ended with `code`."""
        ended = CliRunner().invoke(self._app, [*words, "--home", str(self.home)])
        assert ended.exit_code == code, ended.output
        return ended.output

    def asks(self, *words: str) -> Any:
        """What the command prints for a script."""
        return json.loads(self.types(*words, "--json"))


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    made = Operator(tmp_path / "home")
    made.types("init", "--name", "조정 기관", "--address", "127.0.0.1:9443")
    return made


def join(operator: Operator, name: str, identity: Identity) -> None:
    parts = root.open_parts(operator.home)
    token = Invitation.from_text(operator.asks("invite", "--site-name", name)["invitation"]).token
    key = seal(encode(a_transport_key(public_key_pem=TRANSPORT_PEM)), identity, Purpose.TRANSPORT_KEY)
    request = an_enrolment_request(
        token=token, site_name=name, identity_key=identity.public.raw, sealed_transport_key=key
    )
    enrol(parts.work, parts.face, seal(encode(request), identity, Purpose.ENROLMENT), now=parts.clock.now())


def test_init_makes_a_home_only_its_owner_can_read_and_never_a_second_time(operator: Operator) -> None:
    assert {path.stat().st_mode & 0o077 for path in (operator.home / "keys").iterdir()} == {0}
    before = (operator.home / "keys" / "identity.key").read_bytes()
    told = operator.types("init", "--name", "b", "--address", "127.0.0.1:9443", code=1)
    assert "holds a coordinator already" in told
    assert (operator.home / "keys" / "identity.key").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--name", "a", "--address", "no-port"), "address"),
        (("--name", "", "--address", "a:1"), "name"),
        (("--name", "a", "--address", "a:9444"), "must differ"),
    ],
)
def test_init_refuses_a_configuration_that_is_wrong(tmp_path: Path, options: tuple[str, ...], named: str) -> None:
    assert named in Operator(tmp_path / "home").types("init", *options, code=1)


def test_a_hospital_is_invited_seen_admitted_and_removed(operator: Operator) -> None:
    identity = an_identity(1)
    join(operator, "Hospital A", identity)
    (site,) = operator.asks("sites")
    assert (site["site_name"], site["state"], site["fingerprint"]) == (
        "Hospital A",
        "waiting",
        identity.public.fingerprint,
    )
    wrong = operator.types("admit", "Hospital A", "--fingerprint", "0000", code=1)
    assert "not the fingerprint" in wrong
    operator.types("admit", "Hospital A", "--fingerprint", identity.public.fingerprint)
    assert operator.asks("remove", site["site_id"])["state"] == "removed"


def test_an_invitation_can_name_another_address(operator: Operator) -> None:
    made = operator.asks("invite", "--site-name", "a", "--address", "10.0.0.1:443", "--hours", "1")
    assert Invitation.from_text(made["invitation"]).address == "10.0.0.1:443"


def test_a_partner_is_added_by_its_key_or_a_file_and_its_plan_listed(operator: Operator, tmp_path: Path) -> None:
    partner = an_identity(2)
    (tmp_path / "partner.key").write_text(key_text(partner.public) + "\n")
    added = operator.asks("partner", "add", "--name", "AI", "--key", str(tmp_path / "partner.key"))
    assert PartnerCard.from_text(added["card"]).partner_id == added["partner_id"]
    assert operator.asks("partner", "list")[0]["card"] == added["card"]
    assert "not a partner key" in operator.types("partner", "add", "--name", "b", "--key", "nonsense", code=1)
    parts = root.open_parts(operator.home)
    now = parts.clock.now()
    plan = a_plan(partner_id=added["partner_id"], partner_name="AI", created_at=now, expires_at=now + timedelta(days=9))
    submit_plan(parts.work, parts.face, seal(encode(plan), partner, Purpose.PLAN), now=now)
    (held,) = operator.asks("plans")
    assert (held["plan_id"], held["state"], held["aggregation"]) == (PLAN, "offered", "plain")
    assert "0 of at least 2 sites" in operator.types("start", PLAN, code=1)


def test_what_is_not_there_is_said_and_nothing_is_listed_as_nothing(operator: Operator) -> None:
    assert "There is no plan" in operator.types("start", PLAN, code=1)
    assert "No site yet" in operator.types("sites")
    assert (operator.asks("runs"), operator.asks("releases")) == ([], [])


def test_a_coordinator_that_does_not_run_is_not_ready(operator: Operator) -> None:
    (operator.home / "run" / "ready").write_text("1\n")
    assert operator.asks("status")["ready"] is False


def test_a_home_that_was_never_initialised_says_what_to_do(tmp_path: Path) -> None:
    assert "coordinator init" in Operator(tmp_path / "nothing").types("sites", code=1)


def test_a_login_code_is_printed_with_the_page_it_is_for(operator: Operator) -> None:
    made = operator.asks("login-code")
    assert made["page"] == "http://127.0.0.1:9444/operator/"
    assert len(made["code"]) == 23


def test_run_refuses_a_taken_port_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        operator = Operator(tmp_path / "home")
        operator.types("init", "--name", "a", "--address", f"127.0.0.1:{port}")
        told = operator.types("run", code=1)
    assert f"port {port}" in told
    assert "front_port" in told


def test_an_invitation_or_a_partner_that_cannot_be_is_refused_and_nothing_is_kept(operator: Operator) -> None:
    told = operator.types("invite", "--site-name", "", "--address", "nonsense", code=1)
    assert "site_name needs at least 1" in told
    assert "address must be HOST:PORT" in told
    operator.types("partner", "add", "--name", "", "--key", key_text(an_identity(2).public), code=1)
    assert operator.asks("partner", "list") == []


@pytest.mark.parametrize("locale", ["ko_KR.UTF-8", "C.UTF-8"])
def test_each_refusal_is_one_sentence_in_the_language_of_the_terminal(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, locale: str
) -> None:
    join(operator, "Hospital A", an_identity(1))
    (tmp_path / "partner.key").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("LC_ALL", locale)
    korean = locale.startswith("ko")

    def refused(*words: str) -> str:
        told = operator.types(*words, code=1)
        assert told.startswith("intramuros coordinator: ")
        assert len(told.splitlines()) == 1
        assert any("가" <= letter <= "힣" for letter in told.replace("조정 기관", "")) is korean, told
        return told

    refused("init", "--name", "b", "--address", "127.0.0.1:9443")
    assert "PLAN" in refused("start", "PLAN")
    assert "Hospital B" in refused("remove", "Hospital B")
    assert "Hospital A" in refused("admit", "Hospital A", "--fingerprint", "0000")
    assert "Hospital A" in refused("invite", "--site-name", "Hospital A")
    refused("partner", "add", "--name", "AI", "--key", "nonsense")
    refused("partner", "add", "--name", "AI", "--key", str(tmp_path / "partner.key"))
    operator.types("remove", "Hospital A")
    assert ("removed" in refused("remove", "Hospital A")) is not korean
    config = operator.home / "coordinator.toml"
    config.write_text(config.read_text() + "surprise = 1\n")
    assert "surprise" in refused("sites")
