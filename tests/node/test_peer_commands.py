"""`intramuros node peers …`: a key is compared, signed, taken back; refusals say what to do, in both languages."""

import json
from pathlib import Path

import pytest
from factories import NOW, SITE, an_identity
from fakes.wall_cast import COORDINATOR_IDENTITY
from secure_factories import a_roster, a_site
from typer.testing import CliRunner

import node.__main__  # noqa: F401 - `peers` becomes a command of the application there
from node.flows.inbox import COORDINATOR
from node.ground.audit import AuditEvent
from node.ground.config import new_config
from node.ground.membership import Membership, write_membership
from node.storage.engine import Database
from node.storage.wall_ledger import WallOutbox
from node.storage.wall_peers import WallPeers
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.place import Place, open_place
from protocols.encoding import encode
from protocols.roster import RosterMember
from protocols.signing import Purpose, seal
from protocols.spoken import comparison_words, halves, unspoken

OTHER_KEY = an_identity(2).public.raw


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A node that joined and holds a roster with one other hospital."""
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
    _keep_roster(place)
    return place.home.path


def _keep_roster(place: Place) -> None:
    own = RosterMember(site_id=SITE, site_name="A", identity_key=place.keyring.identity().public.raw)
    other = RosterMember(site_id=a_site(2), site_name="병원 B", identity_key=OTHER_KEY)
    roster = a_roster(members=tuple(sorted((own, other), key=lambda one: one.site_id)))
    sealed = seal(encode(roster), COORDINATOR_IDENTITY, Purpose.ROSTER)
    kept = WallPeers(place.engine(Database.WALL), COORDINATOR_IDENTITY.public)
    kept.keep(roster, sealed, AuditEvent(NOW, COORDINATOR, "roster.taken", "roster:1"))


def said(home: Path, *words: str, language: str = "C.UTF-8") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["peers", *words, "--home", str(home)], env={"LC_ALL": language})
    return done.exit_code, done.output


def test_a_key_is_compared_signed_listed_and_taken_back(home: Path) -> None:
    place = open_place(home)
    begun = json.loads(said(home, "compare", "병원 B", "--json")[1])
    nonce = unspoken(begun["nonce"])
    assert nonce is not None
    first, second = halves(comparison_words(nonce, (place.keyring.identity().public.raw, OTHER_KEY)))
    assert begun["say"] == first
    assert said(home, "sign", "병원 B", "--heard", second)[0] == 0
    assert "compared here" in said(home, "list")[1]
    assert "이 병원이 비교함" in said(home, "list", language="ko_KR.UTF-8")[1]
    waiting = [one.message_kind for one in WallOutbox(place.engine(Database.WALL)).waiting()]
    assert waiting == ["peer-key"]
    assert said(home, "revoke", "병원 B")[0] == 0
    assert "taken back here" in said(home, "list")[1]
    code, text = said(home, "revoke", "병원 B")
    assert (code, "does not believe that key already" in text) == (1, True)


def test_who_begins_reads_the_nonce_out_and_who_joins_does_not(home: Path) -> None:
    code, text = said(home, "compare", "병원 B")
    assert (code, len(text.splitlines())) == (0, 3)
    code, text = said(home, "compare", "병원 B", "--nonce", "lusab babad gutih tugad")
    assert (code, len(text.splitlines())) == (0, 2)


@pytest.mark.parametrize(
    ("words", "english", "korean"),
    [
        (("compare", "C"), "no such other hospital", "그런 다른 병원이 없습니다"),
        (("compare", "병원 B", "--nonce", "lusab"), "Have them read out again", "다시 읽어 달라고"),
        (("sign", "병원 B", "--heard", "lusab"), "Begin again with", "다시 시작하십시오"),
        (("revoke", "C"), "no such other hospital", "그런 다른 병원이 없습니다"),
    ],
)
def test_a_refusal_says_what_to_do_in_the_terminals_language(
    home: Path, words: tuple[str, ...], english: str, korean: str
) -> None:
    for language, sentence in (("C.UTF-8", english), ("ko_KR.UTF-8", korean)):
        code, text = said(home, *words, language=language)
        assert code == 1
        assert sentence in text


def test_wrong_words_sign_nothing(home: Path) -> None:
    begun = json.loads(said(home, "compare", "병원 B", "--json")[1])
    code, text = said(home, "sign", "병원 B", "--heard", begun["say"])
    assert (code, "sign nothing" in text) == (1, True)
    assert WallOutbox(open_place(home).engine(Database.WALL)).waiting() == []


def test_a_node_that_has_not_joined_says_so(tmp_path: Path) -> None:
    place = make_home(tmp_path / "home", new_config({"name": "A"}))
    code, text = said(place.home.path, "list")
    assert (code, "join" in text) == (1, True)
