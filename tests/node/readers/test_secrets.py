"""Passwords and session secrets."""

import pytest

from node.readers.errors import PasswordTooWeak
from node.readers.passwords import Argon2Passwords, check_password
from node.readers.session import csrf_matches, csrf_token, secret_digest

FAST = Argon2Passwords(time_cost=1, memory_kib=64)


def test_a_password_is_kept_as_argon2id_and_recognised() -> None:
    digest = FAST.digest("correct horse battery")
    assert digest.startswith("$argon2id$")
    assert FAST.matches(digest, "correct horse battery")
    assert not FAST.matches(digest, "correct horse batterz")


def test_where_no_password_was_set_none_is_right() -> None:
    assert not FAST.matches(None, "")
    assert not FAST.matches(None, "nobody's password")
    assert not FAST.matches("damaged", "anything at all")


@pytest.mark.parametrize("weak", ["", "short", "elevenchars", "aaaaaaaaaaaaaaaa", "abababababababab"])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(PasswordTooWeak):
        check_password(weak)


def test_a_long_password_is_taken() -> None:
    check_password("판독실 앞 은행나무 열두 그루")


def test_the_token_of_one_session_is_of_no_use_in_another() -> None:
    assert csrf_matches("one", csrf_token("one"))
    assert not csrf_matches("two", csrf_token("one"))
    assert not csrf_matches("one", None)
    assert not csrf_matches("one", "한글")


def test_neither_digest_nor_token_tells_the_secret() -> None:
    assert "one" not in secret_digest("one")
    assert secret_digest("one") != csrf_token("one")
