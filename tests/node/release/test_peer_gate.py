"""Words on other hospitals' keys at the gate: this hospital's own, and of the very key that people compared."""

from collections.abc import Callable
from typing import Any

import pytest
from factories import RUN, SITE, an_identity
from fakes.wall_cast import HOSPITAL
from secure_factories import a_peer_key, a_revocation, a_site

from node.release.gate import pass_gate
from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from protocols.encoding import Wire, encode
from protocols.signing import unseal

PROMISE = Promise(HOSPITAL.public.raw, SITE, peer=(a_site(2), an_identity(2).public.raw))


@pytest.mark.parametrize("made", [a_peer_key, a_revocation])
def test_a_word_on_a_key_is_this_hospitals_and_of_the_key_that_was_compared(made: Callable[..., Wire]) -> None:
    wrong: list[dict[str, Any]] = [
        {"signer_site_id": RUN},
        {"peer_site_id": RUN},
        {"peer_key": an_identity(3).public.raw},
        {"peer_site_id": SITE},
    ]
    tried = [(made(**{"signer_site_id": SITE, **changes}), PROMISE) for changes in wrong]
    tried.append((made(signer_site_id=SITE), Promise(HOSPITAL.public.raw, SITE)))
    for message, promise in tried:
        with pytest.raises(GateRefused) as refusal:
            pass_gate(Outgoing(message), promise, HOSPITAL)
        assert refusal.value.check == "peer"


@pytest.mark.parametrize("made", [a_peer_key, a_revocation])
def test_a_word_that_keeps_the_rules_passes_as_its_own_sealed_frame_without_bytes(made: Callable[..., Wire]) -> None:
    message = made(signer_site_id=SITE)
    passed = pass_gate(Outgoing(message), PROMISE, HOSPITAL)
    assert unseal(passed.sealed, HOSPITAL.public, passed.row.purpose) == encode(message)
    with pytest.raises(GateRefused, match="no-blob"):
        pass_gate(Outgoing(message, b"a leak"), PROMISE, HOSPITAL)
