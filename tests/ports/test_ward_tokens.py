"""Tokens on SQLite and on PostgreSQL, and the quick question, which PostgreSQL never answers."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.ward_books import ACT, NOW
from sqlalchemy import Engine

from node.flows.tokens import all_tokens, find_token, issue_token, revoke_token
from node.ground.at_once import NotAtOnce
from node.ground.ids import new_id, new_secret
from node.readers.roles import Role
from node.readers.token import NewToken, Token, token_digest
from node.storage.engine import Database
from node.storage.quick_sessions import QuickSessions
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


def test_a_token_is_kept_found_and_revoked(engine: Engine) -> None:
    ward, ids = WardStore(engine), [new_id(), new_id()]
    first, second = (
        issue_token(ward, NewToken(name, Role.LEAD, 7), ACT, token_id=token_id, secret=new_secret())
        for name, token_id in zip(("뷰어", "script"), ids, strict=True)
    )
    assert find_token(ward, token_digest(first.secret)) == first.token
    assert first.token == Token(ids[0], "뷰어", Role.LEAD, NOW, NOW + timedelta(days=7))
    revoke_token(ward, ids[0], ACT)
    assert find_token(ward, token_digest(first.secret)) == replace(first.token, revoked_at=NOW)
    assert {one.token_id: one.works(NOW) for one in all_tokens(ward)} == {ids[0]: False, ids[1]: True}
    assert find_token(ward, token_digest("another")) is None
    assert second.token.works(NOW)


def test_the_quick_question_sees_every_change_at_once_or_answers_nothing(engine: Engine) -> None:
    ward = WardStore(engine)
    issued = issue_token(ward, NewToken("script", Role.IT, 7), ACT, token_id=new_id(), secret=new_secret())
    digest = token_digest(issued.secret)
    with closing(QuickSessions(engine)) as quick:
        if engine.dialect.name != "sqlite":
            with pytest.raises(NotAtOnce):
                quick.find_token(digest)
            return
        assert quick.find_token(digest) == issued.token
        revoke_token(ward, issued.token.token_id, ACT)
        found = quick.find_token(digest)
        assert found is not None
        assert found.revoked_at == NOW
        assert quick.find_session("nobody's", NOW) is None
