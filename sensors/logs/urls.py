"""Fields of a URL from what a request said: its target and its Host."""

from __future__ import annotations

from fengsui.event import Value


def request_url(
    host: str | None, target: str | None, port: int | None = 80, scheme: str = "http"
) -> dict[str, Value | None]:
    """`url.*` of a request. A target in absolute form (to a proxy) brings its own host."""
    if not host and not target:
        return {}
    path = target or ""
    if "://" in path[:16]:
        scheme, _, rest = path.partition("://")
        authority, slash, tail = rest.partition("/")
        host, path = host or authority, slash + tail
    path, mark, query = path.partition("?")
    last = path.rpartition("/")[2]
    stem, dot, ending = last.rpartition(".")
    shown = host or ""
    if shown and port not in {None, 80, 443} and ":" not in shown.rpartition("]")[2]:
        shown = f"{shown}:{port}"
    return {
        "url.original": target,
        "url.full": f"{scheme}://{shown}{path}{mark}{query}" if shown else None,
        "url.scheme": scheme if shown else None,
        "url.domain": host_name(host),
        "url.path": path,
        "url.query": query,
        "url.extension": ending.lower() if stem and dot and 0 < len(ending) <= 16 else None,
    }


def host_name(host: str | None) -> str | None:
    """Lower-case name or address of a Host, SNI or question: no port, brackets or final dot."""
    if not host:
        return None
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    name = host.partition(":")[0] if host.count(":") == 1 else host
    return name.lower().removesuffix(".")
