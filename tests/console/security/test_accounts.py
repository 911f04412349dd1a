"""Passwords, tokens, accounts, the limiter."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.security import limiter
from console.security.accounts import FIRST_NAME, check_roles, create_first_user, create_user
from console.security.limiter import Limiter
from console.security.passwords import check_new, hash_password, is_password, one_time_password
from console.security.tokens import csrf_value, is_csrf_value, new_token, token_digest
from fengsui.clock import MINUTE, SECOND, EventClock
from fengsui.errors import InputError
from fengsui.store.sql.state import open_state


def test_passwords() -> None:
    hashed = hash_password("a-good-password")
    assert hashed.startswith("$argon2id$")
    assert is_password("a-good-password", hashed)
    assert not is_password("another", hashed)
    assert not is_password("a-good-password", "")
    assert not is_password("a-good-password", "no hash at all")


def test_one_time_passwords_differ_and_are_good() -> None:
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 19
        check_new(password, "admin")


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaa", "the-admin-password", ""])
def test_weak_passwords(weak: str) -> None:
    with pytest.raises(InputError):
        check_new(weak, "admin")


def test_tokens() -> None:
    token = new_token()
    assert len(token_digest(token)) == 64
    assert is_csrf_value(csrf_value(token), token)
    for wrong in ("", "x", csrf_value(new_token()), "烽"):
        assert not is_csrf_value(wrong, token)


def test_first_user(tmp_path: Path) -> None:
    state = open_state(f"sqlite:///{tmp_path}/state.sqlite")
    password = create_first_user(state)
    user = state.user(FIRST_NAME)
    assert user is not None
    assert user.must_change
    assert is_password(password, user.password_hash)
    assert "security_admin" not in user.roles
    assert "auditor" not in user.roles
    check_roles(user.roles)
    with pytest.raises(InputError):
        create_first_user(state)
    with pytest.raises(InputError):
        create_user(state, "x", ["auditor", "system_admin"])
    with pytest.raises(InputError):
        create_user(state, "None", ["viewer"])
    assert password not in str(state.audit_records())
    state.close()


def test_limiter_forgets_and_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "KEYS_KEPT", 100)
    clock = EventClock(0)
    waits = Limiter(clock, failures=2, window=MINUTE)
    for _ in range(2):
        waits.failed("a")
        clock.advance(clock.now() + 10 * SECOND)
    assert waits.wait_seconds("a") == 40
    clock.advance(MINUTE)
    assert waits.wait_seconds("a") == 0
    waits.succeeded("a")
    for number in range(1000):
        waits.failed(str(number))
    assert len(waits._seen) == 100
