"""`intramuros node exclude rounds` as IT types it: sentences in the terminal's language, no number shown."""

import json
from pathlib import Path

import pytest
from factories import NOW, PLAN, RUN, SITE
from fakes.wall_cast import COORDINATOR_IDENTITY
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `exclude` becomes a part of the application there
from node.ground.config import new_config
from node.ground.membership import Membership, write_membership
from node.storage.engine import Database
from node.storage.wall_contact import WallContact
from node.wiring.beginning import make_home
from node.wiring.commands import app
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice, RunState


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node whose coordinator says of one run that it did two rounds; nobody is recorded in it."""
    place = make_home(tmp_path / "home", new_config({"name": "A"}))
    membership = Membership(
        site_id=SITE,
        coordinator_name="Example coordinator",
        coordinator_key=COORDINATOR_IDENTITY.public.raw,
        address="127.0.0.1:9443",
        authority_pem="",
        joined_at=NOW,
    )
    write_membership(place.home.membership, membership)
    notice = RunNotice(run_id=RUN, plan_id=PLAN, state=RunState.RUNNING, rounds_done=2)
    WallContact(place.engine(Database.WALL)).reached(EnrolmentState.ADMITTED, (notice,), NOW)
    return place.home.path


def typed(home: Path, *words: str, language: str = "C.UTF-8") -> str:
    done = CliRunner().invoke(
        app, ["exclude", "rounds", "-", "--home", str(home), *words], input="12345\n", env={"LC_ALL": language}
    )
    assert done.exit_code == 0, done.output
    assert "12345" not in done.output
    return done.output


def test_what_is_not_recorded_is_said_in_the_terminals_language(home: Path) -> None:
    told = typed(home)
    assert "nothing here is unlearnt" in told
    assert "No round is recorded here" in told
    assert f"A plan no longer known here (run {RUN})" in told
    assert "had a part: round 1-2." in told
    korean = typed(home, language="ko_KR.UTF-8")
    assert "이미 끝난 학습은 취소되지 않으며" in korean
    assert "1-2" in korean


def test_a_script_reads_the_same_as_data(home: Path) -> None:
    view = json.loads(typed(home, "--json"))
    assert (view["runs"], [gap["rounds"] for gap in view["unrecorded"]]) == ([], [[1, 2]])
