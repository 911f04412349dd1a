"""PostgreSQL, Kingbase, MySQL and MariaDB as their files on a host say it, where the server starts there.

The running server says more; a host's bundle has the files only. Each is read as the server reads it:
includes where they stand, the last line of a setting counts, postgresql.auto.conf over postgresql.conf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.host.services import Services, commands
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.host.webservers import lines
from detections.compliance.assets.judging import AssetFact
from detections.compliance.assets.steps import limit

_HERE: Final = frozenset({"localhost", "127.0.0.1/32", "::1/128", "samehost", "127.0.0.1"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", ""})
_EVERYWHERE: Final = frozenset({"all", "0.0.0.0/0", "::/0", "::0/0"})
_NO_MASK: Final = "0.0.0.0"  # noqa: S104 - a mask, nothing is bound
_OFF: Final = frozenset({"off", "false", "no", "0"})
_MY_FILES: Final = ("/etc/my.cnf", "/etc/mysql/my.cnf")
_MY_FOLDERS: Final = ("/etc/my.cnf.d", "/etc/mysql/conf.d", "/etc/mysql/mysql.conf.d",
                      "/etc/mysql/mariadb.conf.d")  # fmt: skip
_DEEPEST: Final = 6
# Groups that the server reads; mysqldump and mysqladmin have their own.
_GROUP: Final = re.compile(r"server|galera|(?:mysqld|mariadbd?)(?:-\d[\d.]*)?")
_LENGTH: Final = re.compile(
    r"(?:loose-)?(?:validate-password[.-]length|simple-password-check-minimal-length)"
)


def without_rights(tree: Tree, services: Services) -> list[AssetFact]:
    """MySQL and MariaDB that start without their tables of rights."""
    told = _my(tree, services).get("skip-grant-tables")
    return [told] if told is not None and str(told.value).lower() not in _OFF else []


def believed(tree: Tree, services: Services) -> list[AssetFact]:
    """PostgreSQL that believes whoever comes over the network; the first line that fits decides."""
    return [fact for words, method, fact in _lines_of_hba(tree, services)
            if method == "trust" and words[3] not in _HERE]  # fmt: skip


def in_clear(tree: Tree, services: Services) -> list[AssetFact]:
    """Databases that let passwords or data pass in clear from another machine."""
    found: list[AssetFact] = []
    for words, method, fact in _lines_of_hba(tree, services):
        if words[3] in {*_HERE, "local"} or words[0] in {"hostssl", "hostgssenc"}:
            continue
        told = _pg(tree, fact.source.rsplit("/", 1)[0]).get("ssl")
        if method == "password" or (told is not None and str(told.value) in _OFF):
            found += [fact, *([told] if told is not None else [])]
    my = _my(tree, services)
    if not _my_here(my):
        names = ("skip-ssl", "require-secure-transport", "ssl", "tls-version")
        told_ = [my[name] for name in names if name in my]
        found += [fact for fact in told_ if _bad_transport(fact.name, str(fact.value).lower())]
    return list(dict.fromkeys([*found, *_mongo(tree, services)]))


def _mongo(tree: Tree, services: Services) -> list[AssetFact]:
    """MongoDB that also takes clients without TLS (net.tls.mode), from other machines (net.bindIp)."""
    file = tree.file("/etc/mongod.conf")
    if file is None or not services.on("mongodb"):
        return []
    text = "\n".join(line for _, line in lines(file))
    bound = re.search(r"bindIp\s*:\s*(.+)", text)
    out = "bindIpAll: true" in text or (bound and set(re.split(r"[,\s]+", bound[1])) - _LOOPBACK)
    return [file.fact("tls.mode", line, number) for number, line in lines(file)
            if out and re.match(r"mode\s*:\s*[\"']?(?:disabled|allow|prefer)", line)]  # fmt: skip


def _bad_transport(name: str, value: str) -> bool:
    if name == "tls-version":
        return bool({"tlsv1", "tlsv1.0", "tlsv1.1"} & set(re.split(r"[,\s]+", value)))
    return value not in _OFF if name == "skip-ssl" else value in _OFF


def from_everywhere(tree: Tree, services: Services) -> list[AssetFact]:
    """Lines of pg_hba that let every address in, where the server listens to other machines."""
    found: list[AssetFact] = []
    for words, method, fact in _lines_of_hba(tree, services):
        folder = fact.source.rsplit("/", 1)[0]
        told = _pg(tree, folder).get("listen_addresses")
        places = set(re.split(r"[,\s]+", str(told.value))) if told is not None else set[str]()
        out = bool(places - _LOOPBACK)
        if out and method != "reject" and words[3] in _EVERYWHERE:
            found.append(fact)
    return found


def silent(tree: Tree, services: Services) -> list[AssetFact]:
    """Databases that are told not to write down who connects."""
    return [told[name] for folder in _clusters(tree, services)
            for told in (_pg(tree, folder),)
            for name in ("log_connections", "log_disconnections")
            if name in told and str(told[name].value) in _OFF]  # fmt: skip


def weak_words(tree: Tree, services: Services) -> list[AssetFact]:
    """Password rules of MySQL that are switched to less than is asked (validate_password)."""
    found: list[AssetFact] = []
    for name, fact in _my(tree, services).items():
        value = str(fact.value).lower()
        if re.fullmatch(r"(?:loose-)?validate-password[.-]policy", name) and value in {"low", "0"}:
            found.append(fact)
        short = value.isdigit() and int(value[:6]) < limit("password_length")
        if _LENGTH.fullmatch(name) and short:
            found.append(fact)
    return found


def old_forms(tree: Tree, services: Services) -> list[AssetFact]:
    """Passwords that PostgreSQL is told to keep as MD5."""
    told = (_pg(tree, folder).get("password_encryption") for folder in _clusters(tree, services))
    return [one for one in told if one is not None and one.value == "md5"]


def _clusters(tree: Tree, services: Services) -> list[str]:
    """Folders of settings of the clusters of a server that starts."""
    if not services.on("postgresql"):
        return []
    names = ("/pg_hba.conf", "/sys_hba.conf", "/postgresql.conf", "/kingbase.conf")
    return sorted({path.rsplit("/", 1)[0] for path in tree.rows if path.endswith(names)})


def _pg(tree: Tree, folder: str) -> dict[str, AssetFact]:
    """Settings of a cluster by name. Debian keeps postgresql.auto.conf in the data folder of its name."""
    data = folder.replace("/etc/postgresql/", "/var/lib/postgresql/", 1)
    told: dict[str, AssetFact] = {}
    for name in ("postgresql", "kingbase"):
        for path in (f"{folder}/{name}.conf", f"{data}/{name}.auto.conf"):
            told |= dict(_pg_lines(tree, path, 0))
    return told


def _pg_lines(tree: Tree, path: str, depth: int) -> Iterator[tuple[str, AssetFact]]:
    file = tree.file(path)
    for number, line in lines(file) if file and depth < _DEEPEST else ():
        seen = re.match(r"(\w+)\s*=?\s*('[^']*'|[^\s#]+)", line)
        if file is None or seen is None:
            continue
        name, value = seen[1].lower(), seen[2].strip("'")
        whole = value if value.startswith("/") else f"{path.rsplit('/', 1)[0]}/{value}"
        if name == "include_dir":
            for one in tree.folder(whole, ".conf"):
                yield from _pg_lines(tree, one, depth + 1)
        elif name in {"include", "include_if_exists"}:
            yield from _pg_lines(tree, whole, depth + 1)
        else:
            yield name, file.fact(name, value.lower(), number)


def _lines_of_hba(tree: Tree, services: Services) -> Iterator[tuple[list[str], str, AssetFact]]:
    """Lines for other machines that come into force: words, method, fact (pg_hba.conf)."""
    for folder in _clusters(tree, services):
        for name in ("pg_hba", "sys_hba"):
            file, refused = tree.file(f"{folder}/{name}.conf"), False
            for number, line in lines(file) if file else ():
                words = line.split()
                if file is not None and words[0] == "local" and words[-1].lower() == "trust":
                    # Whoever is on the machine is every user of the database.
                    yield [*words[:3], "local"], "trust", file.fact("pg_hba", line[:100], number)
                if file is None or len(words) < 5 or not words[0].startswith("host"):
                    continue
                mask = re.match(r"\d+\.\d+\.\d+\.\d+$", words[4]) and len(words) > 5
                method = words[5] if mask else words[4]
                if mask and words[4] == _NO_MASK:
                    words[3] += "/0"
                if not refused:
                    yield words, method.lower(), file.fact("pg_hba", line[:100], number)
                everyone = words[0] == "host" and words[1:3] == ["all", "all"]
                refused = refused or (
                    method == "reject" and everyone and words[3] in {"all", "0.0.0.0/0"}
                )


def _my(tree: Tree, services: Services) -> dict[str, AssetFact]:
    """Settings of the server's groups, the last of a name: files in order, folders after them."""
    if not services.on("mysql"):
        return {}
    told: dict[str, AssetFact] = {}
    named = [path for unit in ("mysqld.service", "mysql.service", "mariadb.service")
             for fact in commands(tree, unit)
             for path in re.findall(r"--defaults-file=(\S+)", str(fact.value))]  # fmt: skip
    for path in named or (
        *_MY_FILES,
        *(p for folder in _MY_FOLDERS for p in tree.folder(folder, ".cnf")),
    ):
        file = tree.file(path)
        told |= _my_lines(file) if file else {}
    return told


def _my_lines(file: File) -> dict[str, AssetFact]:
    told: dict[str, AssetFact] = {}
    section = ""
    for number, line in lines(file):
        section = line.strip("[]").lower() if line.startswith("[") else section
        name, _, value = (part.strip() for part in line.partition("="))
        if _GROUP.fullmatch(section) and not line.startswith(("[", "!")):
            key = name.lower().replace("_", "-")
            told[key] = file.fact(key, value.strip("\"'") or "on", number)
    return told


def _my_here(told: dict[str, AssetFact]) -> bool:
    """The server answers this machine alone."""
    quiet = told.get("skip-networking")
    bound = str(told["bind-address"].value) if "bind-address" in told else "*"
    return (quiet is not None and str(quiet.value).lower() not in _OFF) or bound in {
        "127.0.0.1", "localhost", "::1",
    }  # fmt: skip
