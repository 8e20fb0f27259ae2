"""What an operator's lists say, in the language of the terminal; a script reads codes in any."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW, PLAN, a_plan, an_identity
from typer.testing import CliRunner

import coordinator.__main__ as root
from coordinator.edges.cli.app import command_line
from coordinator.flows.partners import add_partner, submit_plan
from coordinator.ground.audit import OPERATOR, AuditEvent
from coordinator.ground.ids import new_id
from coordinator.ground.texts import Language, table
from coordinator.partner.home import key_text
from coordinator.publication.release import Release
from coordinator.rounds.run import Run
from coordinator.rounds.states import EndReason
from protocols.encoding import encode
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunState
from protocols.passports import AttackLight
from protocols.signing import Purpose, seal

COMMANDS = ("init", "--name", "Example coordinator", "--address", "127.0.0.1:9443")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A coordinator with a plan, a run of it that ended early, and a release."""
    made = tmp_path / "home"
    says(made, *COMMANDS)
    parts, partner = root.open_parts(made), an_identity(2)
    now = parts.clock.now()
    card = add_partner(parts.work, parts.face, "AI", key_text(partner.public), now=now)
    plan = a_plan(partner_id=card.partner_id, partner_name="AI", created_at=now, expires_at=now + timedelta(days=9))
    submit_plan(parts.work, parts.face, seal(encode(plan), partner, Purpose.PLAN), now=now)
    run = Run(new_id(), PLAN, RunState.ENDED, now, rounds_done=1, reason=EndReason.PLAN_EXPIRED, ended_at=now)
    release = Release(new_id(), PLAN, run.run_id, "ab" * 32, "cd" * 32, AttackLight.GREEN, b"sealed", now)
    event = AuditEvent(NOW, OPERATOR, "made", "for this test")
    with parts.work.writing() as books:
        books.runs.add(run, event)
        books.releases.add(release, event)
    return made


def says(home: Path, *words: str) -> str:
    ended = CliRunner().invoke(command_line(root.Doors()), [*words, "--home", str(home)])
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ko_KR.UTF-8", ("승인 0/2", "중단 사유: 계획", "신호등")),
        ("C.UTF-8", ("approvals 0/2", "why it ended: The plan expired;", "light green")),
    ],
)
def test_lists_are_in_the_language_of_the_terminal(
    home: Path, monkeypatch: pytest.MonkeyPatch, locale: str, said: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    listed = [says(home, command) for command in ("plans", "runs", "releases")]
    assert [word for word, lines in zip(said, listed, strict=True) if word not in lines] == []
    assert json.loads(says(home, "runs", "--json"))[0]["reason"] == "plan-expired"


@pytest.mark.parametrize("language", Language)
def test_every_state_light_and_reason_has_its_word(language: Language) -> None:
    states = {*(state.value for state in RunState), *(state.value for state in EnrolmentState), "offered", "released"}
    keys = [f"operator.state-{state}" for state in states] + [f"operator.light-{light.value}" for light in AttackLight]
    keys += [f"ends.{reason.value}" for reason in EndReason]
    assert [key for key in keys if key not in table(language)] == []
