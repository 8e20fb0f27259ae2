"""What training claims about privacy."""

from __future__ import annotations

import pytest

from node.training.privacy import PrivacyClaim, PrivacyMechanismUnavailable, claim_after


def test_without_a_mechanism_nothing_is_claimed() -> None:
    assert claim_after("none", steps=320) == PrivacyClaim("none", None, None, 320)


@pytest.mark.parametrize("mechanism", ["dp-sgd", "", "NONE"])
def test_a_mechanism_that_cannot_be_accounted_for_is_refused(mechanism: str) -> None:
    with pytest.raises(PrivacyMechanismUnavailable):
        claim_after(mechanism, steps=1)
