"""A coordinator that tells another model than follows from the sum: every wall refuses, and nobody trains on it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes.hospitals import COORDINATOR
from fakes.secure_world import SecureWorld, WalledCourier, a_secure_world, checkpoint, conducted, plain_model
from fakes.wall_cast import SPECS

from coordinator.rounds.courier import MessageType
from coordinator.rounds.run import Run
from coordinator.rounds.states import EndReason
from node.release.secure.next_models import round_name
from protocols.encoding import decode, encode, kind_of
from protocols.inbox import RunState
from protocols.masking import AdvertInstruction, MaskInstruction, SumTold
from protocols.models import model_digest
from protocols.signing import Purpose, seal, unseal_any

Told = tuple[Any, bytes]
Lie = Callable[[Any, bytes], Told]


@dataclass
class LyingCourier:
    """Says of one kind of message in round two what the lie says, under the coordinator's own seal."""

    inner: WalledCourier
    kind: type[Any]
    lie: Lie

    def online(self) -> frozenset[int]:
        return self.inner.online()

    def exchange(self, frames: Mapping[int, tuple[MessageType, bytes]], deadline_seconds: float) -> dict[int, bytes]:
        told = {number: (kind, self._told(sealed)) for number, (kind, sealed) in frames.items()}
        return self.inner.exchange(told, deadline_seconds)

    def _told(self, sealed: bytes) -> bytes:
        frame = unseal_any(sealed, Purpose.INSTRUCTION).frame
        if kind_of(frame) != self.kind.kind:
            return sealed
        message, blob = decode(frame, self.kind)
        if message.about.round != 2:
            return sealed
        return seal(encode(*self.lie(message, blob)), COORDINATOR, Purpose.INSTRUCTION)


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[SecureWorld]:
    made = a_secure_world(tmp_path, 4, threshold=3, rounds=2)
    yield made
    made.close()


def carried(secure: SecureWorld, kind: type[Any], lie: Lie) -> Run:
    return conducted(secure, LyingCourier(secure.courier, kind, lie), secure.world.started(secure.offer))


def moved(words: bytes, by: int) -> bytes:
    """The sum with its first number moved."""
    changed = bytearray(words)
    width = len(words) // _COUNT
    first = int.from_bytes(changed[:width], "little", signed=True) + by
    changed[:width] = first.to_bytes(width, "little", signed=True)
    return bytes(changed)


_COUNT = sum(int(np.prod(spec.shape)) for spec in SPECS)


def without(message: Any, _words: bytes) -> Told:
    return message.model_copy(update={"opened": None}), b""


def another_sum(message: Any, words: bytes) -> Told:
    return message, moved(words, 1 << 20)


def another_model(message: Any, words: bytes) -> Told:
    return message.model_copy(update={"model_sha256": "ab" * 32}), words


def another_weight(message: Any, words: bytes) -> Told:
    weight = message.opened.weight * 2
    return message.model_copy(update={"opened": SumTold(survivors=message.opened.survivors, weight=weight)}), words


def too_many(message: Any, words: bytes) -> Told:
    return message.model_copy(update={"opened": SumTold(survivors=5, weight=message.opened.weight)}), words


def cut(message: Any, words: bytes) -> Told:
    return message, words[:-4]


@pytest.mark.parametrize("lie", [without, another_sum, another_model, another_weight, too_many, cut])
def test_no_hospital_speaks_for_a_model_that_does_not_follow_from_the_sum(secure: SecureWorld, lie: Lie) -> None:
    run = carried(secure, AdvertInstruction, lie)
    assert (run.state, run.reason, run.rounds_done) == (RunState.ENDED, EndReason.MEMBERS_LOST, 1)
    for one in secure.members:
        assert one.fit.trained == 1
        assert one.kinds().count("masking-advert") == 1


def test_no_hospital_masks_an_update_of_another_model_than_it_spoke_for(secure: SecureWorld) -> None:
    def crafted(message: Any, model: bytes) -> Told:
        other = np.frombuffer(model, dtype="<f4") * np.float32(0.5)
        return message.model_copy(update={"model_sha256": model_digest(SPECS, other.tobytes())}), other.tobytes()

    run = carried(secure, MaskInstruction, crafted)
    assert (run.state, run.reason, run.rounds_done) == (RunState.ENDED, EndReason.MEMBERS_LOST, 1)
    for one in secure.members:
        assert one.fit.trained == 1
        assert one.kinds().count("masked-update") == 1


def test_a_hospital_that_lost_the_model_before_sits_out_and_the_others_go_on(secure: SecureWorld) -> None:
    lost = next(one for one in secure.members if one.number == 3)

    def forgotten(message: Any, words: bytes) -> Told:
        (lost.home / "models" / f"{message.about.plan_id}.start.safetensors").unlink(missing_ok=True)
        return message, words

    run = carried(secure, AdvertInstruction, forgotten)
    others = [one for one in secure.members if one is not lost]
    assert (run.state, run.rounds_done) == (RunState.FINISHED, 2)
    assert checkpoint(secure, run, 2) == plain_model(run.run_id, [secure.members, others])


def test_the_model_made_here_is_the_coordinators_and_none_is_left_when_the_run_is_over(secure: SecureWorld) -> None:
    seen: list[bytes] = []

    def looked(message: Any, model: bytes) -> Told:
        for one in secure.members:
            held = one.wall.models.kept(round_name(message.about.plan_id, message.about.run_id, 1))
            assert held is not None
            seen.append(b"".join(held[spec.name].tobytes() for spec in SPECS))
        return message, model

    run = carried(secure, MaskInstruction, looked)
    assert run.state is RunState.FINISHED
    assert set(seen) == {checkpoint(secure, run, 1)}
    for one in secure.members:
        assert one.wall.models.kept(round_name(run.plan_id, run.run_id, 1)) is None
