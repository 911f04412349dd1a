"""The client, and what can go wrong between it and a cluster, in three lines each."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from elastic_transport import ConnectionError as LinkError
from elastic_transport import ConnectionTimeout, SerializationError, TlsError, TransportError
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    Elasticsearch,
    UnsupportedProductError,
)

from fengsui.errors import BusyError, SettingsError, StoreError

VERSIONS: Final = (8, 9)
DOCTOR: Final = "`fengsui store doctor` says what is wrong and what mends it"
_FLOOD: Final = "read-only-allow-delete"

logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # failures are told by our errors


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster is and how to speak to it.

    Args:
        urls: of its nodes, `https://host:9200`.
        user, password: basic authentication.
        api_key: instead of them; `id:key` in base64, as Elasticsearch gives it.
        ca_file: authority of its certificate (PEM).
        fingerprint: SHA-256 of its certificate, instead of an authority.
        prefix: of all its indices and templates.
    """

    urls: tuple[str, ...]
    user: str = ""
    password: str = ""
    api_key: str = ""
    ca_file: str = ""
    fingerprint: str = ""
    prefix: str = "fengsui"

    @property
    def shown(self) -> str:
        """Its nodes, without secrets."""
        return ", ".join(url.rpartition("@")[2] if "@" in url else url for url in self.urls)


def connect(address: Address) -> Elasticsearch:
    """A client over all nodes; nothing is asked of them yet.

    Raises:
        SettingsError: the address cannot be one.
    """
    options: dict[str, Any] = {
        "hosts": list(address.urls),
        "request_timeout": 60,
        "max_retries": 3,
        "retry_on_timeout": False,
        "http_compress": False,
        "connections_per_node": 8,
    }
    if address.api_key:
        options["api_key"] = address.api_key
    elif address.user:
        options["basic_auth"] = (address.user, address.password)
    if address.ca_file:
        if not Path(address.ca_file).is_file():
            raise SettingsError(
                "The file of the certificate authority is missing",
                where=f"store.elastic_ca_file: {address.ca_file}",
                next="Copy http_ca.crt from the cluster, or give its fingerprint instead",
            )
        options["ca_certs"] = address.ca_file
    if address.fingerprint:
        options["ssl_assert_fingerprint"] = address.fingerprint
    try:
        if any(not url.startswith(("http://", "https://")) for url in address.urls):
            raise ValueError("it begins with neither https:// nor http://")
        return Elasticsearch(**options)
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"The address of Elasticsearch cannot be used: {error}",
            where=f"store.elastic_urls: {address.shown}",
            next='Write FENGSUI_STORE_ELASTIC_URLS="https://host:9200", one for each node',
        ) from error


@contextmanager
def explained(address: Address) -> Generator[None]:
    """Errors of the client as ours."""
    try:
        yield
    except (TransportError, ApiError, UnsupportedProductError) as error:
        raise _explanation(error, address.shown) from error


def _explanation(error: Exception, where: str) -> StoreError | BusyError:
    match error:
        case TlsError():
            return StoreError(
                f"The certificate of Elasticsearch is not trusted: {_short(error)}",
                where=where,
                next="Set store.elastic_ca_file to its authority, or store.elastic_fingerprint",
                code="elastic_certificate",
            )
        case ConnectionTimeout():
            return StoreError(
                "Elasticsearch did not answer in time", where=where, next=DOCTOR, code="timeout"
            )
        case LinkError():
            return StoreError(
                f"Elasticsearch cannot be reached: {_short(error)}",
                where=where,
                next="Check that it runs, its address (store.elastic_urls), https or http, and the firewall",
                code="elastic_unreachable",
            )
        case AuthenticationException():
            return StoreError(
                "Elasticsearch does not accept these credentials",
                where=where,
                next="Check store.elastic_user and its password, or store.elastic_api_key (has it expired?)",
                code="elastic_credentials",
            )
        case AuthorizationException():
            return _forbidden(error, where)
        case UnsupportedProductError() | SerializationError():
            return not_elastic(where)
        case ApiError():
            return _refused(error, where)
        case _:
            return StoreError(
                f"Elasticsearch cannot be used: {_short(error)}", where=where, next=DOCTOR
            )


def not_elastic(where: str) -> StoreError:
    """Something else answers there."""
    return StoreError(
        "The server at this address is not Elasticsearch",
        where=where,
        next="Check store.elastic_urls: the address of a node, not of Kibana or a proxy",
        code="not_elastic",
    )


def _forbidden(error: AuthorizationException, where: str) -> StoreError:
    if _FLOOD in str(error):
        return full(where)
    return StoreError(
        f"Elasticsearch does not allow this: {_short(error)}",
        where=where,
        next="Give the user the privileges that docs/operating/elasticsearch.md lists",
        code="elastic_forbidden",
    )


def full(where: str) -> StoreError:
    """The disk of a node is so full that its indices are read-only (flood stage)."""
    return StoreError(
        "Elasticsearch made its indices read-only: the disk of a node is full (flood stage)",
        where=where,
        next="Free its disk or shorten store.retention_days; it opens them by itself below the watermark",
        code="elastic_full",
    )


def read_only(index: str, where: str) -> StoreError:
    """Somebody, or a snapshot tool, has closed an index to writers."""
    return StoreError(
        f"Elasticsearch does not let us write to {index}: it is read-only",
        where=where,
        next=f'PUT /{index}/_settings {{"index.blocks.write": null, "index.blocks.read_only": null}}',
        code="elastic_read_only",
    )


def missing_shards(shards: Mapping[str, Any], where: str) -> StoreError:
    """Some shards gave no answer: the `_shards` of a response."""
    failures = shards.get("failures") or [{}]
    first = failures[0]
    reason = first.get("reason", {})
    why = reason.get("reason") or reason.get("type", "no reason given")
    return StoreError(
        f"{shards['failed']} of {shards['total']} shards did not answer: {str(why)[:200]}",
        where=f"{where}: {first.get('index', '')}",
        next=DOCTOR,
        code="shards_missing",
    )


def _refused(error: ApiError, where: str) -> StoreError | BusyError:
    if error.status_code == 429:
        if _FLOOD in str(error):
            return full(where)
        return BusyError(
            "Elasticsearch is too busy", where=where, next="Try again later", code="elastic_busy"
        )
    if "too_many" in str(error) or "circuit_breaking" in str(error):
        return StoreError(
            f"The search is too much for the cluster: {_short(error)}",
            where=where,
            next="Narrow the time range or the query",
            code="too_much",
        )
    return StoreError(f"Elasticsearch refused: {_short(error)}", where=where, next=DOCTOR)


def _short(error: Exception) -> str:
    """The first reason in an error, at most 300 characters."""
    text = str(error)
    if isinstance(error, ApiError) and isinstance(error.body, Mapping):
        body = cast("Mapping[str, Any]", error.body)
        inner = body.get("error", {})
        causes = inner.get("root_cause", []) if isinstance(inner, dict) else []
        if causes:
            text = str(causes[0].get("reason", text))
    return " ".join(text.split())[:300]


def versions(client: Elasticsearch) -> list[tuple[int, int, int]]:
    """Versions of the nodes, each once; `GET /` is not on every server."""
    answer = client.nodes.info(filter_path="nodes.*.version")
    body: Any = answer.body
    if not isinstance(body, dict):
        raise SerializationError("no JSON")
    nodes = cast("dict[str, Any]", body).get("nodes", {})
    found = {str(node["version"]) for node in nodes.values()}
    return sorted({_numbers(text) for text in found})


def _numbers(text: str) -> tuple[int, int, int]:
    parts = [int(part) for part in text.partition("-")[0].split(".")[:3]]
    major, minor, patch = (*parts, 0, 0, 0)[:3]
    return major, minor, patch


def check_versions(found: Sequence[tuple[int, int, int]], where: str) -> None:
    """Raise StoreError where a node's version is none that this program was written for."""
    if not found:
        raise not_elastic(where)
    for major, minor, patch in found:
        if major not in VERSIONS:
            raise StoreError(
                f"Elasticsearch {major}.{minor}.{patch} is not supported",
                where=where,
                next="Use version 8 or 9",
                code="elastic_version",
            )
