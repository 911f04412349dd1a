"""Powers that lists of accounts do not show: on catalogues, functions, defaults, and as somebody else.

Each question is asked for itself: one that is refused says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from detections.compliance.assets.database.session import Questions, Session

Powers = Mapping[str, tuple[str, ...]]

# PostgreSQL, of one database. Roles that may read every role's hash; functions that reach the files of the
# server, for everybody; rights of everybody on what will be made; passwords kept for other servers.
_PG: Final = {
    "reads_hashes": "select rolname as name from pg_roles where rolcanlogin and not rolsuper and"
    " has_any_column_privilege(oid, 'pg_catalog.pg_authid', 'SELECT') order by 1 limit 20",
    "everybody_runs": "select distinct p.proname as name from pg_proc p, aclexplode(p.proacl) a"
    " where a.grantee = 0 and p.proname in ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'lo_import',"
    " 'lo_export', 'pg_file_write', 'pg_stat_file', 'dblink_connect_u', 'pg_reload_conf') order by 1",
    "everybody_later": "select distinct coalesce(n.nspname, '*') || ':' || a.privilege_type as name"
    " from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a"
    " where a.grantee = 0 and d.defaclobjtype in ('r', 'S') order by 1 limit 20",
    "kept_in_clear": "select distinct s.srvname || ':' || coalesce(r.rolname, 'public') as name"
    " from pg_user_mapping m join pg_foreign_server s on s.oid = m.umserver left join pg_roles r"
    " on r.oid = m.umuser where m.umoptions::text ~ 'password=[^,}]' order by 1 limit 20",
}
# MySQL and MariaDB: who may act as another, who was granted the tables of accounts one by one.
_MY: Final = {
    "acts_as": "select concat(user, '@', host, ' as ', coalesce(nullif(proxied_user, ''), '*')) as name"
    " from mysql.proxies_priv where user not in ('', 'root', 'mysql.sys', 'mariadb.sys')"
    " and (proxied_user in ('', 'root')) order by 1 limit 20",
    "account_tables": "select distinct concat(user, '@', host, ': ', table_name) as name"
    " from mysql.tables_priv where db = 'mysql' and user not in ('root', 'mysql.sys', 'mysql.session',"
    " 'mysql.infoschema', 'mariadb.sys') and table_name in ('user', 'global_priv', 'db', 'tables_priv',"
    " 'proxies_priv', 'roles_mapping', 'default_roles', 'role_edges') order by 1 limit 20",
}


def of_postgresql(session: Session, base: str) -> dict[str, tuple[str, ...]]:
    """Powers in one database, by kind."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, sql in _PG.items():
        rows = session.ask(sql).rows or ()
        place = "" if kind == "reads_hashes" else f"{base}."
        found[kind] = tuple(f"{place}{row['name']}" for row in rows)
    return found


def of_mysql(ask: Questions) -> dict[str, tuple[str, ...]]:
    """Powers beside those of the accounts' own lines, by kind."""
    return {
        kind: tuple(str(row["name"]) for row in ask(kind, sql, needed=False) or ())
        for kind, sql in _MY.items()
    }


def joined(first: Powers, second: Powers) -> dict[str, tuple[str, ...]]:
    """Both, each once."""
    kinds = dict.fromkeys((*first, *second))
    return {
        kind: tuple(dict.fromkeys((*first.get(kind, ()), *second.get(kind, ())))) for kind in kinds
    }
