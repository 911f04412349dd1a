"""Accounts: who may be what, and the first person of an installation.

三员: system, security and audit administrator are three persons. Nobody holds two of these roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from console.security.passwords import hash_password, one_time_password
from fengsui.errors import InputError
from fengsui.store.state import Role, State, User

ADMINISTRATORS: Final = frozenset[Role](("system_admin", "security_admin", "auditor"))
# Words that mean something else where names are written: in filters, and as author of our own acts.
RESERVED: Final = frozenset({"me", "none", "any", "live", "fengsui"})
FIRST_NAME: Final = "admin"
# Whoever unpacks the tool alone can work with all of it but users and audit, which are for others.
FIRST_ROLES: Final[tuple[Role, ...]] = (
    "viewer", "analyst", "responder", "compliance", "system_admin",
)  # fmt: skip


def check_roles(roles: Sequence[Role]) -> None:
    """Whether one person may hold these roles.

    Raises:
        InputError: code `roles_exclude_each_other`.
    """
    both = sorted(ADMINISTRATORS & set(roles))
    if len(both) > 1:
        raise InputError(
            f"One person cannot be {' and '.join(both)}",
            where="roles",
            next="Give these roles to different persons (三员分立)",
            code="roles_exclude_each_other",
        )


def create_user(state: State, name: str, roles: Sequence[Role], *, language: str = "zh") -> str:
    """Add a person with a one-time password, which is returned and kept nowhere.

    Raises:
        InputError: the name is taken (`name_taken`) or the roles exclude each other.
    """
    check_roles(roles)
    if state.user(name) is not None or name.lower() in RESERVED:
        raise InputError(
            f"There is a user {name} already", where="name", next="Take another", code="name_taken"
        )
    password = one_time_password()
    state.put_user(
        User(
            name,
            tuple(dict.fromkeys(roles)),
            hash_password(password),
            must_change=True,
            language=language,
        )
    )
    return password


def reset_password(state: State, user: User) -> str:
    """A new one-time password; all logins of the person end."""
    password = one_time_password()
    changed = replace(user, password_hash=hash_password(password), must_change=True)
    state.put_user(changed, seen=user)
    state.drop_sessions(user.name)
    return password


def create_first_user(state: State, *, language: str = "zh") -> str:
    """The first person, `admin`, with the roles to do all daily work; returns the one-time password.

    Security administrator and auditor are other persons by law; `create_user` adds them.

    Raises:
        InputError: there is a user of this name already (code `name_taken`).
    """
    password = create_user(state, FIRST_NAME, FIRST_ROLES, language=language)
    state.audit("fengsui", "user.create", FIRST_NAME, {"roles": list(FIRST_ROLES), "first": True})
    return password
