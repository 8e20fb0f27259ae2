"""The partner's client: its files, its plan, and every way a release can fail to verify."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from factories import PARTNER, PLAN, a_partner_card, a_passport, a_plan, an_identity, tensor_specs

import coordinator.partner.__main__ as command
from coordinator.partner.client import refusal_of
from coordinator.partner.errors import NoAnswer, NotReady, ReleaseRefused
from coordinator.partner.home import PartnerHome, key_text, read_card
from coordinator.partner.plan_file import read_plan_file
from coordinator.partner.release import FILES, verify_release, write_release
from coordinator.publication.release import tensor_file
from protocols.encoding import canonical_json, encode
from protocols.models import model_digest
from protocols.signing import Identity, Purpose, seal

COORDINATOR = an_identity(3)
BLOB = bytes(range(24))
Terminal = Callable[..., tuple[int, str]]
CARD = a_partner_card(address="127.0.0.1:1", authority_pem="none")


def an_archive(*, signer: Identity = COORDINATOR, files: dict[str, bytes] | None = None, **changes: object) -> bytes:
    model = tensor_file(tensor_specs(), BLOB)
    digests = {"model_sha256": model_digest(tensor_specs(), BLOB), "file_sha256": hashlib.sha256(model).hexdigest()}
    passport = a_passport(**{**digests, **changes})
    held = {
        "model.safetensors": model,
        "passport.sealed": seal(encode(passport), signer, Purpose.PASSPORT),
        "passport.json": canonical_json(passport.model_dump(mode="json")),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in {**held, **(files or {})}.items():
            archive.writestr(name, content)
    return written.getvalue()


def test_a_release_of_which_everything_holds_is_written_as_three_files(tmp_path: Path) -> None:
    release = verify_release(an_archive(), CARD, PLAN)
    write_release(release, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(FILES)


OTHER_MODEL = tensor_file(tensor_specs(), BLOB[::-1])


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (b"no archive", "damaged"),
        (an_archive()[:-40], "damaged"),
        (an_archive(signer=an_identity(9)), "not sealed by the coordinator"),
        (an_archive(plan_id=PARTNER), "another plan"),
        (an_archive(files={"passport.json": b"{}"}), "not the passport"),
        (an_archive(files={"model.safetensors": OTHER_MODEL}), "not the file"),
        (an_archive(files={"../escape": b"x"}), "other files"),
        (an_archive(model_sha256="cd" * 32), "tensors are not those"),
        (an_archive(model=a_passport().model.model_copy(update={"tensors": tensor_specs()[:1]})), "other tensors"),
    ],
)
def test_a_release_that_fails_one_check_is_refused(archive: bytes, why: str) -> None:
    with pytest.raises(ReleaseRefused, match=why):
        verify_release(archive, CARD, PLAN)


@pytest.mark.parametrize("model", [b"", bytes(8), b"\xff" * 64, b"\x02" + bytes(7) + b"[]", b"\x02" + bytes(7) + b"{}"])
def test_a_model_file_that_is_none_is_refused(model: bytes) -> None:
    sealed = an_archive(files={"model.safetensors": model}, file_sha256=hashlib.sha256(model).hexdigest())
    with pytest.raises(ReleaseRefused):
        verify_release(sealed, CARD, PLAN)


def test_a_plan_file_may_leave_out_what_the_client_knows(tmp_path: Path) -> None:
    fields = a_plan().model_dump(mode="json")
    for name in ("plan_id", "partner_id", "partner_name", "created_at"):
        del fields[name]
    (tmp_path / "plan.json").write_text(json.dumps(fields))
    plan = read_plan_file(tmp_path / "plan.json", CARD)
    assert (plan.partner_id, plan.partner_name, plan.rounds) == (PARTNER, "Example Imaging AI", 3)


@pytest.mark.parametrize(
    ("written", "named"),
    [("{", "not JSON"), ("[]", "no JSON object"), ('{"rounds": 0}', "rounds"), ('{"nonsense": 1}', "nonsense")],
)
def test_a_plan_file_that_is_wrong_is_refused_with_every_field(tmp_path: Path, written: str, named: str) -> None:
    (tmp_path / "plan.json").write_text(written)
    with pytest.raises(NotReady, match=named):
        read_plan_file(tmp_path / "plan.json", CARD)


@pytest.mark.parametrize("text", ["", "intramuros-card:", "intramuros-card:AAAA", "intramuros-invitation:AAAA"])
def test_a_text_that_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(NotReady):
        read_card(text)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def types(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["partner", *words, "--home", str(tmp_path / "partner")])
        code = command.main()
        told = capsys.readouterr()
        return code, told.out + told.err

    return types


def test_keys_are_made_once_and_the_card_is_kept(terminal: Terminal, tmp_path: Path) -> None:
    types = terminal
    code, told = types("init", "--json")
    home = PartnerHome(tmp_path / "partner")
    assert (code, json.loads(told)["key"]) == (0, key_text(home.identity().public))
    assert (tmp_path / "partner" / "identity.key").stat().st_mode & 0o077 == 0
    assert types("init")[0] == 1
    code, told = types("connect", "--card", CARD.to_text(), "--address", "localhost:2")
    assert (code, home.card().address) == (0, "localhost:2")
    assert COORDINATOR.public.fingerprint in told
    assert types("connect", "--card", CARD.to_text(), "--address", "nonsense")[0] == 1


def test_each_failure_has_a_sentence_and_an_exit_code(terminal: Terminal, tmp_path: Path) -> None:
    types = terminal
    code, told = types("status", PLAN)
    assert (code, "Not connected" in told) == (1, True)
    types("init")
    types("connect", "--card", CARD.to_text())
    code, told = types("status", PLAN)
    assert (code, "authority is damaged" in told) == (3, True)


def test_the_client_speaks_korean_on_a_korean_terminal(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    types = terminal
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert "연결되어 있지 않습니다" in types("status", PLAN)[1]
    assert "키를 만들었습니다" in types("init")[1]
    code, told = types("connect", "--card", str(tmp_path / "nowhere"))
    assert (code, "읽을 수 없습니다" in told, str(tmp_path) in told) == (1, True, True)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ko_KR.UTF-8", ["조정 기관이 거절했습니다: 계획 [plan-refused]", "  plan-expired: 만료"]),
        ("C.UTF-8", ["The coordinator refused: A plan [plan-refused]", "  plan-expired: It has expired."]),
    ],
)
def test_what_the_coordinator_refuses_is_said_with_its_reasons(
    monkeypatch: pytest.MonkeyPatch, locale: str, said: list[str]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    reason = {"code": "plan-expired", "en": "It has expired.", "ko": "만료"}
    problem = {"title": "A plan", "title_ko": "계획", "code": "plan-refused", "reasons": [reason]}
    assert str(refusal_of(json.dumps(problem).encode(), 422)).splitlines() == said
    assert "500" in str(refusal_of(b"<html>", 500))


@pytest.mark.parametrize("ends", [{"state": "released"}, {"state": "ended", "end_reason": "expired"}])
def test_a_followed_plan_is_told_at_every_change_until_it_has_ended(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, ends: dict[str, str]
) -> None:
    types = terminal
    types("init")
    types("connect", "--card", CARD.to_text())
    held = {
        "title": {"en": "Chest", "ko": "흉부"}, "state": "running", "approvals": 2, "quorum": 2, "rounds_done": 0,
        "rounds_planned": 2, "end_reason": None,
    }  # fmt: skip
    silence = NoAnswer("no-answer", address="localhost:1", reason="ConnectError")
    states = iter([held, held, silence, held | {"rounds_done": 1}, held | {"rounds_done": 2} | ends, held])
    pauses: list[float] = []

    def status(*_: object) -> object:
        state = next(states)
        if isinstance(state, NoAnswer):
            raise state
        return state

    monkeypatch.setattr("coordinator.partner.client.PartnerClient.status", status)
    monkeypatch.setattr("coordinator.partner.__main__.time.sleep", pauses.append)
    code, told = types("status", PLAN, "--follow", "--json")
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert (code, [line["rounds_done"] for line in lines], lines[-1]["state"]) == (0, [0, 1, 2], ends["state"])
    assert len(pauses) == 4
    assert told.count("did not answer") == 1


def test_ctrl_c_ends_a_followed_plan_without_a_traceback(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    terminal("init")
    terminal("connect", "--card", CARD.to_text())
    monkeypatch.setattr("coordinator.partner.client.PartnerClient.status", interrupted)
    assert terminal("status", PLAN, "--follow") == (130, "")
