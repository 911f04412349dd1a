"""The event store of one machine: Parquet segments, a SQLite catalogue, DuckDB as reader."""

from fengsui.store.embedded.store import EmbeddedEventStore

__all__ = ["EmbeddedEventStore"]
