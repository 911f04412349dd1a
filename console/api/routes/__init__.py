"""Routes, one file a noun, each with `router`; found by listing this folder."""
