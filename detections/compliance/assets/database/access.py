"""Who gets to a database from where: rules that are reached, ways without TLS."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.database.hba import (
    BY_PASSWORD,
    Reached,
    Rule,
    has_base,
    reached,
    users_of,
)
from detections.compliance.assets.database.mysql import MySQL
from detections.compliance.assets.database.postgresql import PostgreSQL
from detections.compliance.assets.judging import AssetFact

_OLD_MYSQL: Final = frozenset({"tlsv1", "tlsv1.0", "tlsv1.1", "sslv3", "sslv2"})
_OLD_PG: Final = frozenset({"", "tlsv1", "tlsv1.1"})  # "": whatever the library takes


def reached_rules(base: PostgreSQL) -> list[Reached] | None:
    """Rules that let somebody come to a database that is there; None where they are not shown."""
    if base.rules is None:
        return None
    found = reached(base.rules, tls=base.value("ssl") != "off")
    nowhere = base.value("listen_addresses") == ""
    return [
        one
        for one in found
        if one.rule.method != "reject"
        and (not base.bases or has_base(one.rule, base.bases))
        and (one.rule.kind == "local" or not nowhere)
    ]


def users_of_rule(base: PostgreSQL, rule: Rule) -> frozenset[str] | None:
    """Roles that may log in by a rule; None where that is not known."""
    if base.roles is None:
        return None
    return users_of(rule, (one.name for one in base.roles if one.login), base.members)


def password_asked(base: PostgreSQL) -> bool | None:
    """Whether some rule asks for a password that the server keeps."""
    rules = reached_rules(base)
    if rules is None:
        return None
    return any(one.rule.method in BY_PASSWORD for one in rules)


def inside(base: PostgreSQL, group: str) -> frozenset[str]:
    """Members of a role, through others too."""
    found, todo = set[str](), [group]
    while todo:
        for member in base.members.get(todo.pop(), frozenset()) - found:
            found.add(member)
            todo.append(member)
    return frozenset(found)


def clear_ways(base: PostgreSQL | MySQL) -> list[AssetFact] | None:
    """Ways from other machines that take a connection without TLS; None where not shown."""
    if isinstance(base, MySQL):
        return _clear_accounts(base)
    rules = reached_rules(base)
    if rules is None:
        return None
    found = [
        base.rule_fact("clear_way", one.rule)
        for one in rules
        if one.remote_over("plain") and users_of_rule(base, one.rule) != frozenset()
    ]
    found += [
        base.rule_fact("clear_directory", one.rule) for one in rules if _clear_directory(one.rule)
    ]
    # Rules for TLS alone, with TLS off: nobody comes in by them, and that was not meant.
    off = base.value("ssl") == "off" and any(one.kind == "hostssl" for one in base.rules or ())
    if found or off:
        found += [fact for fact in base.facts("ssl") if fact.value == "off"]
    return found


def _clear_directory(rule: Rule) -> bool:
    """A directory that is asked for passwords without TLS (pg_hba.conf: ldaptls, ldapscheme, ldapurl)."""
    text = " ".join(rule.options).lower()
    safe = "ldaptls=1" in text or "ldapscheme=ldaps" in text or "ldaps://" in text
    here = "ldapserver=localhost" in text or "ldapserver=127." in text
    return rule.method == "ldap" and not safe and not here


def _clear_accounts(base: MySQL) -> list[AssetFact] | None:
    if base.accounts is None:
        return None
    if base.value("skip_networking") == "on":
        return []
    remote = [one for one in base.active if one.remote]
    without = base.value("have_ssl") in {"disabled", "no"}
    must = base.value("require_secure_transport") == "on"
    if must and not without:
        return []
    found = [base.account_fact("clear_way", one) for one in remote if without or not one.tls]
    return [*base.facts("require_secure_transport", "have_ssl"), *found] if found else []


def old_tls(base: PostgreSQL | MySQL) -> list[AssetFact]:
    """Versions before TLS 1.2 that the server takes."""
    if isinstance(base, MySQL):
        if base.value("have_ssl") in {"disabled", "no"}:
            return []
        names = {word.strip() for word in (base.value("tls_version") or "").split(",")}
        return list(base.facts("tls_version")) if names & _OLD_MYSQL else []
    least = base.value("ssl_min_protocol_version")
    if base.value("ssl") != "on" or least is None or least.lower() not in _OLD_PG:
        return []
    return list(base.facts("ssl_min_protocol_version"))


_WEAK: Final = re.compile(
    r"(?:e?NULL|aNULL|A(?:EC)?DH|EXP\w*|LOW|RC4|DES|MD5)(?:[-+]|$)|DES-CBC3|COMPLEMENTOFALL"
)


def weak_ciphers(base: PostgreSQL | MySQL) -> list[AssetFact]:
    """Suites without secrecy or without proof that a list of OpenSSL adds and does not take back with `!`."""
    name = "ssl_cipher" if isinstance(base, MySQL) else "ssl_ciphers"
    if isinstance(base, PostgreSQL) and base.value("ssl") != "on":
        return []
    found = base.facts(name)
    words = [word for fact in found for word in re.split(r"[:, ]", str(fact.value)) if word]
    killed = {word[1:] for word in words if word.startswith("!")}
    added = [word for word in words if word[0] not in "!-+@" and word not in killed]
    return list(found) if any(_WEAK.match(word) for word in added) else []
