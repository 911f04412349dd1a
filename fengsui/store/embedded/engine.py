"""DuckDB in memory, reading nothing but the segments; statements end when their time is up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb

from fengsui.errors import StoreError
from fengsui.store.event_store import Stop


class TimeUpError(Exception):
    """The statement was stopped by its deadline."""


class UnreadableError(Exception):
    """A segment is missing or damaged."""


class Engine:
    """One DuckDB for all threads of a process; each statement has a cursor of its own.

    Args:
        folder: the only place that statements can read.
        memory_megabytes: DuckDB's own ceiling.
        threads: of one statement.
    """

    def __init__(self, folder: Path, memory_megabytes: int, threads: int) -> None:
        self._lock = threading.Lock()
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": f"{memory_megabytes}MB",
                "threads": str(threads),
                "preserve_insertion_order": "false",
            },
        )
        allowed = str(folder).replace("'", "''")
        for setting in (
            "temp_directory = ''",
            "parquet_metadata_cache = true",
            f"allowed_directories = ['{allowed}']",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            self._connection.execute(f"SET {setting}")

    def rows(self, sql: str, parameters: list[Any], deadline: Stop) -> list[tuple[Any, ...]]:
        """All rows of a statement.

        Raises:
            TimeUpError: the deadline came first.
            UnreadableError: a file could not be read.
            StoreError: DuckDB refused for another reason (memory).
        """
        if deadline.left() <= 0:
            raise TimeUpError
        with self._lock:
            cursor = self._connection.cursor()
        try:
            with deadline.calling(cursor.interrupt):
                return cursor.execute(sql, parameters).fetchall()
        except duckdb.InterruptException as error:
            raise TimeUpError from error
        except duckdb.OutOfMemoryException as error:
            raise StoreError(
                "The search needs more memory than it may use",
                where=str(error).splitlines()[0],
                next="Narrow the time range or the query, or raise the store's memory",
                code="too_much",
            ) from error
        except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
            raise  # our statement is wrong, not the file
        except duckdb.Error as error:
            raise UnreadableError(str(error)) from error
        finally:
            cursor.close()

    def close(self) -> None:
        """Release it."""
        self._connection.close()
