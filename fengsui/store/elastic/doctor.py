"""What is wrong with a cluster, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from elasticsearch import Elasticsearch

from fengsui.store.diagnosis import Finding
from fengsui.store.elastic.connection import VERSIONS, Address, connect, explained, versions
from fengsui.store.elastic.names import read_name
from fengsui.store.elastic.template import REVISION

_SHARDS: Final = 1_000
"""Of a node; more make a cluster slow to change and to recover."""
_INIT: Final = "fengsui store init"


def examine(address: Address) -> Iterator[Finding]:
    """One finding for each thing looked at; the first errors end it.

    Raises:
        SettingsError, StoreError: the cluster cannot be asked at all.
    """
    client = connect(address)
    try:
        with explained(address):
            yield _versions(client)
            yield from _health(client)
            yield from _disks(client)
            yield from _templates(client, address)
            yield from _indices(client, address)
    finally:
        client.close()


def _versions(client: Elasticsearch) -> Finding:
    found = versions(client)
    text = ", ".join(".".join(map(str, one)) for one in found)
    if any(one[0] not in VERSIONS for one in found):
        return Finding("version", "bad", text, "use Elasticsearch 8 or 9")
    if len(found) > 1:
        return Finding("version", "warning", text, "end the upgrade: all nodes of one version")
    return Finding("version", "good", text)


def _health(client: Elasticsearch) -> Iterator[Finding]:
    health = client.cluster.health(timeout="1s").body
    nodes, shards = int(health["number_of_data_nodes"]), int(health["active_shards"])
    status = {"green": "good", "yellow": "warning"}.get(str(health["status"]), "bad")
    waiting = int(health["unassigned_shards"])
    mend = "see GET _cluster/allocation/explain; bring the lost node back" if waiting else ""
    yield Finding(
        "cluster",
        status,
        f"{health['status']}, {nodes} data nodes, {waiting} shards unassigned",
        mend,
    )
    per_node = shards / max(nodes, 1)
    many = per_node > _SHARDS
    yield Finding(
        "shards",
        "warning" if many else "good",
        f"{per_node:.0f} a node",
        "set store.elastic_period to part or month, or add nodes" if many else "",
    )


def _disks(client: Elasticsearch) -> Iterator[Finding]:
    stats = client.nodes.stats(metric="fs", filter_path="nodes.*.name,nodes.*.fs.total").body
    for node in stats.get("nodes", {}).values():
        total = node["fs"]["total"]
        used = 100 - 100 * total["available_in_bytes"] / max(total["total_in_bytes"], 1)
        status = "bad" if used > 95 else "warning" if used > 85 else "good"
        mend = "free the disk, add a node, or shorten store.retention_days" if used > 85 else ""
        yield Finding(f"disk of {node['name']}", status, f"{used:.0f} % used", mend)


def _templates(client: Elasticsearch, address: Address) -> Iterator[Finding]:
    quiet = client.options(ignore_status=404)
    found: Any = quiet.indices.get_index_template(name=address.prefix).body
    templates = found.get("index_templates", [])
    revision = templates[0]["index_template"].get("version") if templates else None
    if revision is None:
        yield Finding("templates", "bad", "not set up", _INIT)
    elif revision != REVISION:
        yield Finding(
            "templates", "warning", f"revision {revision}, this program's is {REVISION}", _INIT
        )
    else:
        yield Finding("templates", "good", f"revision {revision}")


def _indices(client: Elasticsearch, address: Address) -> Iterator[Finding]:
    settings = client.indices.get_settings(
        index=f"{address.prefix}-*", filter_path="*.settings.index.blocks"
    ).body
    blocks = {
        name: {kind for kind, on in about["settings"]["index"]["blocks"].items() if on == "true"}
        for name, about in settings.items()
    }
    full = [name for name, kinds in blocks.items() if "read_only_allow_delete" in kinds]
    if full:
        yield Finding(
            "read-only indices",
            "bad",
            f"{len(full)}, such as {full[0]}: a disk was full (flood stage)",
            "free the disk; below the watermark the cluster opens them by itself",
        )
    shut = [name for name, kinds in blocks.items() if kinds & {"write", "read_only"}]
    if shut:
        yield Finding(
            "closed indices",
            "bad",
            f"{len(shut)}, such as {shut[0]}: somebody made them read-only",
            f'PUT /{shut[0]}/_settings {{"index.blocks.write": null, "index.blocks.read_only": null}}',
        )
    names = client.indices.get_alias(index=f"{address.prefix}-*-*-*").body
    foreign = [name for name in names if read_name(address.prefix, name) is None]
    if foreign:
        yield Finding(
            "foreign indices",
            "warning",
            f"{len(foreign)} of our prefix that are not ours, such as {foreign[0]}",
            "choose another store.elastic_prefix",
        )
    yield Finding("indices", "good", f"{len(names) - len(foreign)} of events")
    dead = client.count(index=f"{address.prefix}-dead", ignore_unavailable=True).body["count"]
    if dead:
        yield Finding(
            "dead letters",
            "warning",
            f"{dead} documents that the cluster refused, kept with the reason",
            f"see GET {address.prefix}-dead/_search?q=reason:*",
        )
