"""TLS as web servers and proxies are told to speak it: nginx, Apache, Tomcat, HAProxy.

Only what a server reads counts: nginx and Apache from their main file along its includes. An offer that
is broken at one place is an offer, whatever stands beside it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.host.services import Services, commands
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_OLD: Final = re.compile(r"\+?(?:sslv2|sslv3|tlsv1(?:\.[01])?|sslv2hello)", re.I)
_WEAK_SUITE: Final = re.compile(
    r"(?:^|:)(?:\+)?(?:e?NULL|aNULL|ADH|EXP\w*|RC4\S*|\S*-RC4-\S*|DES-CBC\S*|\S*-DES-CBC3?-\S*|3DES"
    r"|LOW|MD5|TLS_RSA_WITH_(?:RC4|3DES|DES)\w*)(?::|$)"
)
_DEEPEST: Final = 6
_INCLUDE: Final = re.compile(r"^include(?:optional)?\s+(\S+)", re.I)
_ROOTS: Final = (
    ("nginx", "/etc/nginx", "/etc/nginx/nginx.conf", re.compile(r"^include\s+([^;]+);", re.I)),
    ("httpd", "/etc/httpd", "/etc/httpd/conf/httpd.conf", _INCLUDE),
    ("apache2", "/etc/apache2", "/etc/apache2/apache2.conf", _INCLUDE),
)  # fmt: skip
# What counts where the main file itself was not brought along.
_USUAL: Final = {
    "nginx": (("/etc/nginx/conf.d", ".conf"), ("/etc/nginx/sites-enabled", "")),
    "httpd": (("/etc/httpd/conf.d", ".conf"),),
    "apache2": (("/etc/apache2/sites-enabled", ""), ("/etc/apache2/mods-enabled", ".conf")),
}
_TLS: Final = re.compile(r"\b(ssl_protocols|ssl_ciphers|SSLProtocol|SSLCipherSuite)\s+([^;]+)")


def old_tls(tree: Tree, services: Services) -> list[AssetFact]:
    """Servers told to take versions of TLS or suites that are broken."""
    return [*_web(tree, services), *_tomcat(tree, services), *_haproxy(tree, services)]


def _web(tree: Tree, services: Services) -> list[AssetFact]:
    running = services.names("web") or ()
    found: list[AssetFact] = []
    own = [("nginx", path.rsplit("/", 1)[0], path, _ROOTS[0][3]) for path in sorted(tree.rows)
           if path.endswith("/nginx/conf/nginx.conf")]  # fmt: skip
    for name, base, main, include in (*_ROOTS, *own):
        if name not in running:
            continue
        for file in _read(tree, name, base, main, include):
            for number, line in lines(file):
                for setting, value in _TLS.findall(line):
                    if broken(setting.lower(), value):
                        found.append(file.fact(setting, value.strip()[:100], number))
    return found


def _read(
    tree: Tree, name: str, base: str, main: str, include: re.Pattern[str]
) -> tuple[File, ...]:
    """The files that a server reads, once each."""
    seen: dict[str, File] = {}

    def follow(path: str, depth: int) -> None:
        file = tree.file(path)
        if file is None or path in seen or depth > _DEEPEST:
            return
        seen[path] = file
        for _, line in lines(file):
            for pattern in include.findall(line):
                word = pattern.strip("\"' ")
                whole = word if word.startswith("/") else f"{base}/{word}"
                folder, _, last = whole.rpartition("/")
                if any(mark in last for mark in "*?["):
                    for one in tree.folder(folder):
                        if fnmatch.fnmatchcase(one.rsplit("/", 1)[-1], last):
                            follow(one, depth + 1)
                else:
                    follow(whole, depth + 1)

    follow(main, 0)
    if not seen:
        for folder, end in _USUAL[name]:
            for one in tree.folder(folder, end):
                follow(one, 1)
    return tuple(seen.values())


def broken(name: str, value: str) -> bool:
    """Whether versions (…protocol…) or suites of a setting hold a broken one."""
    words = value.replace('"', " ").replace("'", " ").split()
    if "protocol" not in name:
        return any(_WEAK_SUITE.search(word) for word in words if not word.startswith("!"))
    if name != "sslprotocol":
        return any(_OLD.fullmatch(word) for word in words)
    taken: set[str] = set()
    for word in (one.lower() for one in words):
        # mod_ssl: words add and take away in order; "all" of today's OpenSSL still holds TLS 1.0 and 1.1.
        one = word.lstrip("+-")
        versions = {"tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3"} if one == "all" else {one}
        taken = taken - versions if word.startswith("-") else taken | versions
    return any(_OLD.fullmatch(word) for word in taken)


def _tomcat(tree: Tree, services: Services) -> list[AssetFact]:
    """Connectors of which a list of versions or suites names a broken one (SSLHostConfig)."""
    if not services.on("tomcat"):
        return []
    found: list[AssetFact] = []
    for file in tomcat_servers(tree):
        for number, line in enumerate(uncommented(file), start=1):
            for name, value in re.findall(
                r"\b(protocols|sslEnabledProtocols|ciphers)=\"([^\"]*)\"", line
            ):
                words = re.split(r"[\s,:+]+", value)
                bad = (
                    any(_WEAK_SUITE.search(word) for word in words if word[:1] != "!")
                    if name == "ciphers"
                    else any(_OLD.fullmatch(word) for word in words) and "-TLSv1" not in value
                )
                if bad:
                    found.append(file.fact(name, value[:100], number))
    return found


def _haproxy(tree: Tree, services: Services) -> list[AssetFact]:
    """Lines of a listener, or of the default for all, that let TLS 1.0 or 1.1 in (HAProxy, bind options)."""
    if not services.on("haproxy"):
        return []
    old = re.compile(
        r"\bssl-min-ver\s+(?:SSLv3|TLSv1\.[01])\b|\bforce-(?:sslv3|tlsv1[01])\b|\bno-tlsv12\b.*\bno-tlsv13\b"
    )
    found: list[AssetFact] = []
    for file in _haproxy_files(tree):
        for number, line in lines(file):
            listens = line.startswith(("bind ", "ssl-default-bind-"))
            suites = re.search(r"(?:\bciphers|ssl-default-bind-ciphers)\s+(\S+)", line)
            weak = suites is not None and broken("ciphers", suites[1])
            if listens and (old.search(line) or weak):
                found.append(file.fact("haproxy", line[:100], number))
    return found


def open_statistics(tree: Tree, services: Services) -> list[AssetFact]:
    """HAProxy's page of statistics for whoever comes: a section that shows it and asks no one."""
    if not services.on("haproxy"):
        return []
    found: list[AssetFact] = []
    for file in _haproxy_files(tree):
        shown: AssetFact | None = None
        asked = out = False
        for number, line in [*lines(file), (0, "end")]:
            if re.match(r"(?:global|defaults|frontend|backend|listen|end|userlist|peers)\b", line):
                found += [shown] if shown is not None and out and not asked else []
                shown, asked, out = None, False, False
            if re.match(r"stats\s+(?:enable|uri|admin)\b", line):
                shown = file.fact("haproxy", line[:80], number)
            asked = asked or re.match(r"stats\s+auth\b|(?:stats\s+)?http-request\s+(?:auth|deny)|acl\b",
                                      line) is not None  # fmt: skip
            out = out or re.match(r"bind\s+(?!127\.|localhost|/)", line) is not None
    return found


def tomcat_servers(tree: Tree) -> list[File]:
    """Every server.xml that was read, in order of their paths."""
    return _present(tree, sorted(one for one in tree.rows if one.endswith("/server.xml")))


def _haproxy_files(tree: Tree) -> list[File]:
    return _present(tree, ["/etc/haproxy/haproxy.cfg", *tree.folder("/etc/haproxy/conf.d", ".cfg")])


def _present(tree: Tree, paths: list[str]) -> list[File]:
    return [file for path in paths if (file := tree.file(path)) is not None]


def uncommented(file: File) -> list[str]:
    """Lines of XML with comments blanked, so that numbers hold."""
    whole = "\n".join(file.lines)
    text = re.sub(r"<!--.*?-->", lambda m: "\n" * m[0].count("\n"), whole, flags=re.S)
    return text.split("\n")


def lines(file: File) -> Iterator[tuple[int, str]]:
    """Lines that are no comment, with their number."""
    for number, raw in enumerate(file.lines, start=1):
        line = raw.strip()
        if line and line[0] not in "#;":
            yield number, line.split(" #")[0].strip()


def command_lines(tree: Tree, services: Services) -> Iterator[AssetFact]:
    """Command lines of every unit that starts, as far as their files were read."""
    for unit in sorted(services.units):
        stem, at, _ = unit.partition("@")
        yield from commands(tree, f"{stem}@.service" if at else unit)
