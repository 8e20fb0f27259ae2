"""Secure rounds through real walls: every step approved, gated and in the ledger, whatever restarts or is withdrawn."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from factories import a_train_instruction
from fakes.asking import answer as ask_plainly
from fakes.asking import train
from fakes.secure import about_of, begin, check_equals_plain, collect, deal, unmask
from fakes.secure_walls import WalledHospital, a_secure_real_plan, an_advert_asked, walled
from fakes.wall_cast import START_BLOB, START_SHA256, a_real_plan, instruct
from sqlalchemy import text

from coordinator.aggregation.secure_relay import survivor_instruction
from node.release.bounds import check_acceptable
from node.release.refusals import OutsideApproval
from node.release.secure.state import Act, Stage, name_of
from node.storage.wall_send import WallUnit
from protocols.encoding import decode
from protocols.errors import RefusalCode
from protocols.plans import LocalTraining, Privacy, PrivacyMechanism
from protocols.results import ErrorReport
from protocols.signing import Purpose, unseal

STEPS = ["masking-advert", "masking-shares", "masked-update", "unmasking-shares"]


def refusal(member: WalledHospital, sealed: bytes) -> RefusalCode:
    report, _ = decode(unseal(sealed, member.identity.public, Purpose.REFUSAL), ErrorReport)
    return report.code


def started(members: list[Any], **named: Any) -> Any:
    return begin(members, about_of(members), model=START_SHA256, **named)


@pytest.mark.parametrize(("count", "threshold"), [(4, 3), (5, 3)])
def test_a_round_gives_the_plain_sum_and_every_step_is_in_the_ledger(
    tmp_path: Path, count: int, threshold: int
) -> None:
    with walled(count, tmp_path, a_secure_real_plan(threshold=threshold)) as members:
        carried = started(members)
        collect(carried, deal(carried))
        check_equals_plain(unmask(carried), members)
        votes = [] if carried.about.folds else ["survivor-vote"]
        assert [one.kinds() for one in members] == [[*STEPS[:3], *votes, STEPS[3]]] * count
        assert all(one.fit.trained == 1 for one in members)


@pytest.mark.parametrize("act", list(Act))
def test_a_hospital_that_falls_silent_at_any_step_costs_only_itself(tmp_path: Path, act: Act) -> None:
    with walled(5, tmp_path, a_secure_real_plan(threshold=3)) as members:
        carried = started(members, silent=frozenset({(2, act)}))
        collect(carried, deal(carried))
        opened = unmask(carried)
        counted = [one for one in members if one.site_id in carried.parts]
        assert len(counted) == (5 if act in {Act.VOTE, Act.REVEAL} else 4)
        check_equals_plain(opened, counted)


def test_what_left_is_in_the_ledger_byte_for_byte_with_the_digest_of_the_bare_update(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first = members[0]
        carried = started(members)
        asked = deal(carried)[first.site_id]
        sealed = first.answer(asked)
        entry = first.wall.ledger.page(0, 100)[-1].entry
        assert (entry.sent_sha256, entry.sent_bytes) == (hashlib.sha256(sealed).hexdigest(), len(sealed))
        assert (entry.update_sha256, entry.update_norm) == (first.vector().update_sha256, first.vector().update_norm)
        assert entry.update_histogram == first.vector().update_histogram
        assert first.vector().vector not in sealed


def test_every_step_asked_again_after_a_restart_gives_the_same_bytes_and_no_new_entry(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first, kept = members[0], []
        answered = first.answer

        def twice(message: Any) -> bytes:
            sealed, entries = bytes(answered(message)), first.wall.ledger.head()
            first.stop()
            first.start()
            assert answered(message) == sealed
            assert first.wall.ledger.head() == entries
            kept.append(message.kind)
            return sealed

        first.answer = twice
        carried = started(members)
        collect(carried, deal(carried))
        check_equals_plain(unmask(carried), members)
        assert len(kept) == 4
        assert first.fit.trained == 1


class NoSend(WallUnit):
    """A wall whose process dies before anything is sent."""

    def sending(self) -> NoReturn:
        """Raises: MemoryError, always."""
        raise MemoryError


@pytest.mark.parametrize("act", [Act.ADVERTISE, Act.SHARE, Act.MASK, Act.REVEAL])
def test_a_wall_that_died_between_its_state_and_the_send_sends_what_it_had_stored(tmp_path: Path, act: Act) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        moment = MOMENTS[[Act.ADVERTISE, Act.SHARE, Act.MASK, Act.REVEAL].index(act)]
        first, asked = members[0], moment(members)
        entries = first.kinds()
        restarted(first, unit=NoSend)
        with pytest.raises(MemoryError):
            first.answer(asked)
        restarted(first)
        assert first.kinds() == entries
        stored = first.wall.stores.secure.rounds.reply(name_of(asked.about), 1, act)
        assert first.answer(asked) == stored.sealed
        assert first.wall.ledger.head().number == len(entries) + 1
        assert first.fit.trained == (1 if act in {Act.MASK, Act.REVEAL} else 0)


def restarted(member: WalledHospital, **rules: Any) -> None:
    member.stop()
    member.rules = rules
    member.start()


def before_sharing(members: list[Any]) -> Any:
    return started(members).sheet.instruction()


def before_masking(members: list[Any]) -> Any:
    return deal(started(members))[members[0].site_id]


def before_revealing(members: list[Any]) -> Any:
    carried = started(members)
    collect(carried, deal(carried))
    return survivor_instruction(carried.sheet, carried.statements, unmask=True)


def before_anything(members: list[Any]) -> Any:
    return an_advert_asked(members, about_of(members))


MOMENTS = [before_anything, before_sharing, before_masking, before_revealing]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_withdrawal_at_any_step_ends_the_attempt_and_its_secrets(
    tmp_path: Path, moment: Callable[[list[Any]], Any]
) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first, asked = members[0], moment(members)
        first.withdraw()
        assert refusal(first, first.answer(asked)) is RefusalCode.APPROVAL_WITHDRAWN
        state = first.state(asked.about)
        assert state is None or (state.stage, state.secrets, state.held) == (Stage.ENDED, None, ())


def test_an_approval_withdrawn_while_it_trains_lets_no_masked_update_out(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first, asked = members[0], before_masking(members)
        first.fit.meanwhile = first.withdraw
        assert refusal(first, first.answer(asked)) is RefusalCode.APPROVAL_WITHDRAWN
        assert "masked-update" not in first.kinds()
        state = first.state(asked.about)
        assert state is not None
        assert state.secrets is None


@pytest.mark.parametrize("moment", MOMENTS[1:])
def test_a_node_whose_rounds_were_lost_or_set_back_takes_no_further_step(
    tmp_path: Path, moment: Callable[[list[Any]], Any]
) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first, asked = members[0], moment(members)
        entries = first.kinds()
        first.stop()
        (first.home / "round.db").unlink()
        first.start()
        assert refusal(first, first.answer(asked)) is RefusalCode.OUTSIDE_APPROVAL
        assert first.kinds() == [*entries, "error-report"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_node_without_the_parts_of_secure_rounds_takes_no_step(
    tmp_path: Path, moment: Callable[[list[Any]], Any]
) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    plan = a_secure_real_plan(threshold=3)
    with walled(3, tmp_path / "with", plan) as members, walled(3, tmp_path / "without", plan, secure=False) as others:
        assert refusal(others[0], others[0].answer(moment(members))) is RefusalCode.OUTSIDE_APPROVAL
        assert others[0].kinds() == ["error-report"]
        assert others[0].fit.trained == 0


def test_a_secure_plan_is_never_answered_in_the_clear_nor_a_plain_one_masked(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first = members[0]
        sealed = first.wall.answering.answer("train", instruct(a_train_instruction(model_sha256=START_SHA256)))
        assert refusal(first, sealed) is RefusalCode.OUTSIDE_APPROVAL
        assert first.fit.trained == 0
        with walled(3, tmp_path / "plain", a_real_plan()) as others:
            asked = an_advert_asked(others, about_of(members))
            assert refusal(others[0], others[0].answer(asked)) is RefusalCode.OUTSIDE_APPROVAL
            assert ask_plainly(others[0].wall, train())


def test_a_hospital_that_asks_for_more_survivors_takes_no_part(tmp_path: Path) -> None:
    with walled(4, tmp_path, a_secure_real_plan(threshold=3, quorum=4), min_survivors=4) as members:
        asked = before_anything(members)
        assert refusal(members[0], members[0].answer(asked)) is RefusalCode.OUTSIDE_APPROVAL


def test_a_hospital_that_believes_nobody_yet_takes_no_part(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        first = members[0]
        first.believed = {}
        first.stop()
        first.start()
        assert refusal(first, first.answer(before_anything(members))) is RefusalCode.OUTSIDE_APPROVAL


def test_a_step_counts_as_a_round_and_an_attempt_of_the_approval(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3, rounds=9)) as members:
        for about in (about_of(members, attempt=4), about_of(members, number=4)):
            asked = an_advert_asked(members, about)
            assert refusal(members[0], members[0].answer(asked)) is RefusalCode.OUTSIDE_APPROVAL


@pytest.mark.parametrize("message_type", ["train", "evaluate", "query.advert", ""])
def test_a_step_under_another_message_type_is_not_understood(tmp_path: Path, message_type: str) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        sealed = instruct(before_anything(members), b"")
        answered = members[0].wall.answering.answer(message_type, sealed)
        assert refusal(members[0], answered) is RefusalCode.MESSAGE_REFUSED


def test_bytes_behind_a_step_without_a_model_are_not_understood(tmp_path: Path) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        sealed = instruct(before_anything(members), START_BLOB)
        assert refusal(members[0], members[0].wall.answering.answer("query", sealed)) is RefusalCode.MESSAGE_REFUSED


def test_a_private_training_is_charged_to_its_patients_once_whatever_step_is_asked_again(tmp_path: Path) -> None:
    privacy = Privacy(
        mechanism=PrivacyMechanism.DP_SGD, clip_norm=1.0, noise_multiplier=4.0, epsilon_cap=5.0, delta_cap=1e-3
    )
    training = LocalTraining(local_steps=4, batch_size=4, learning_rate=0.1)
    plan = a_secure_real_plan(threshold=3, privacy=privacy, training=training, update_norm_bound=500.0)
    with walled(3, tmp_path, plan) as members:
        first = members[0]
        asked = before_masking(members)
        assert charges(first) == 0
        assert first.answer(asked) == first.answer(asked)
        assert (charges(first), first.kinds()[-1]) == (1, "masked-update")
        assert first.fit.settings is not None
        assert first.fit.settings.private is not None


def charges(member: WalledHospital) -> int:
    with member.wall.engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM private_charge")).scalar() or 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"threshold": 1}, "no number of members"),
        ({"threshold": 4, "colluders": 4}, "no number of members"),
        ({"threshold": 3, "quorum": 2}, "this node asks for 3"),
        ({"threshold": 3, "update_norm_bound": 5000.0}, "does not fit in 32 bits"),
    ],
)
def test_a_secure_plan_no_sum_of_which_could_be_safe_is_refused_also_by_a_node_that_has_the_parts(
    changes: dict[str, Any], reason: str
) -> None:
    check_acceptable(a_secure_real_plan(threshold=3), min_survivors=3, secure=True)
    with pytest.raises(OutsideApproval, match=reason):
        check_acceptable(a_secure_real_plan(**changes), min_survivors=3, secure=True)


def test_a_plan_whose_masked_update_fits_no_frame_is_refused_before_any_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with walled(3, tmp_path, a_secure_real_plan(threshold=3)) as members:
        asked = before_masking(members)
        monkeypatch.setattr("node.release.secure.words.MASKED_BYTES_MAX", len(START_BLOB))
        assert refusal(members[0], members[0].answer(asked)) is RefusalCode.OUTSIDE_APPROVAL
        assert members[0].fit.trained == 0
