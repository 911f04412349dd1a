"""The event store on Elasticsearch 8 and 9: core features only (no scripts, no data streams)."""

from fengsui.store.elastic.store import ElasticEventStore

__all__ = ["ElasticEventStore"]
