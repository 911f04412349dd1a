"""The state in SQL: one file a noun, put together in `fengsui.store.sql.state`."""
