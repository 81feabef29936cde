"""The warehouse: one DuckDB file, its single writer, and the loading of landed pulls into core.

`connection` opens it, `loader` merges decoded pages, `rewind` undoes pulls so that they can be
replayed, `checks` asserts what the tables promise, `snapshot` publishes copies for readers.
The statements are in `models/sql/core`; the tables are declared in `models.tables`.
"""
