"""Every login to a database is authenticated, passwords are strong and change (L3-CES1-01).

PostgreSQL: the first rule of pg_hba.conf that fits, `trust` and remote `ident` among them; a checker
that is loaded; each role's own end of validity. MySQL and MariaDB: every way to log in to each
account; a validator in force; each account's lifetime over the server's.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database import policy
from detections.compliance.assets.database.access import reached_rules, users_of_rule
from detections.compliance.assets.database.hba import BY_PASSWORD
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.mysql_accounts import Account
from detections.compliance.assets.database.postgresql import PostgreSQL, Role
from detections.compliance.assets.database.steps import database_check, database_of, listed, step
from detections.compliance.assets.judging import Step
from detections.compliance.assets.steps import against, limit, word

CHECK: Final = database_check("L3-CES1-01", "identity")


def judge(asset: AssetEvidence) -> list[Step]:
    """Authenticated, no password that anybody knows, rules, change; the rest is open."""
    base = database_of(asset)
    if isinstance(base, PostgreSQL):
        found = [_trusted(base), _guessed(base), _complexity(base), _rotation(base)]
    else:
        found = [_empty(base), _known(base), _complexity(base), _lifetime(base)]
    return [*found, step("other_logins", None)]


def _trusted(base: PostgreSQL) -> Step:
    rules = reached_rules(base)
    if rules is None:
        return step("authenticated", None, base.missing.get("rules", "pg_hba.conf"))
    bad = [
        base.rule_fact("access_rule", one.rule)
        for one in rules
        if (one.rule.method == "trust" or (one.rule.method == "ident" and one.remote))
        and users_of_rule(base, one.rule) != frozenset()
    ]
    if bad:
        return step("authenticated", False, listed(bad), bad)
    sure = not base.stale and base.roles is not None
    return step("authenticated", True if sure else None, "pg_hba.conf")


def _guessed(base: PostgreSQL) -> Step:
    if "passwords" in base.missing or base.roles is None:
        return step("guessable", None, "pg_authid")
    bad = [base.role_fact("guessed", one.name) for one in base.roles if one.guessed and one.login]
    return step("guessable", False if bad else None, listed(bad), bad)


def _complexity(base: PostgreSQL | MySQL) -> Step:
    if isinstance(base, PostgreSQL) and not _with_password(base):
        return step("complexity", None, word("no_password_login"))
    if isinstance(base, MySQL) and not any(one.by_password for one in base.active):
        return step("complexity", None, word("no_password_account"))
    rules = policy.postgresql(base) if isinstance(base, PostgreSQL) else policy.mysql(base)
    facts = [
        against(fact, "password_length") if "length" in fact.name else fact for fact in rules.facts
    ]
    if rules.state is not None and rules.length is not None and rules.classes is not None:
        short = rules.length < limit("password_length")
        plain = rules.classes < limit("database_classes")
        if short or plain:
            detail = f"{rules.length}, {rules.classes}"
            return step("complexity", False, detail, facts)
    return step("complexity", rules.state, rules.why, facts)


def _with_password(base: PostgreSQL) -> list[Role]:
    """Roles with a password that a rule asks for (all that have one, where rules are not shown)."""
    roles = [one for one in base.roles or () if one.login and one.password != "none"]  # noqa: S105 -- a kind
    rules = reached_rules(base)
    if rules is None:
        return roles
    asked: set[str] = set()
    for one in rules:
        if one.rule.method in BY_PASSWORD:
            users = users_of_rule(base, one.rule)
            asked |= {role.name for role in roles} if users is None else users
    return [one for one in roles if one.name in asked]


def _rotation(base: PostgreSQL) -> Step:
    if base.roles is None or "passwords" in base.missing:
        return step("rotation", None, "pg_authid")
    roles = _with_password(base)
    if not roles:
        return step("rotation", None, word("no_password_login"))
    most = limit("password_age_days")
    facts = [
        against(base.role_fact(f"days_left:{one.name}", _shown(one)), "password_age_days")
        for one in roles
    ]
    bad = [one.name for one in roles if one.days_left is None or one.days_left > most]
    detail = ", ".join(bad[:5])
    return step("rotation", False if bad else None, detail or "age of each", facts)


def _shown(role: Role) -> str:
    return "never" if role.days_left is None else str(role.days_left)


def _empty(base: MySQL) -> Step:
    if base.unchecked:
        return step("authenticated", False, "skip-grant-tables", base.facts("skip_grant_tables"))
    if base.accounts is None:
        return step("authenticated", None, base.missing.get("accounts", ""))
    bad = [base.account_fact("no_password", one) for one in base.active if one.empty]
    return step("authenticated", not bad, listed(bad), bad)


def _known(base: MySQL) -> Step:
    bad = [base.account_fact("guessed", one) for one in base.active if one.guessed]
    return step("guessable", False if bad else None, listed(bad), bad)


def _lifetime(base: MySQL) -> Step:
    accounts = [one for one in base.active if one.by_password and not one.empty]
    default = base.number_of("default_password_lifetime")
    if base.accounts is None or not accounts:
        return step("rotation", None, "accounts")
    if default is None and any(one.lifetime is None for one in accounts):
        return step("rotation", None, "default_password_lifetime")
    most = limit("password_age_days")
    days = {one.name: one.lifetime if one.lifetime is not None else default for one in accounts}
    facts = [
        against(
            base.account_fact("lifetime", one, str(days[one.name] or "never")), "password_age_days"
        )
        for one in accounts
    ]
    bad = [name for name, value in days.items() if not value or value > most]
    bad += [one.name for one in accounts if one.name not in bad and _old(base, one, most)]
    return step("rotation", not bad, ", ".join(bad[:5]), facts)


def _old(base: MySQL, account: Account, most: int) -> bool:
    return bool(account.changed and base.today and base.today - account.changed > most)
