import hashlib
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing.files import Files
from pipelines.landing.objects import LandingError, ObjectStore

ANY_SIZE = 1 << 30


@given(st.binary(max_size=4096))
def test_a_body_comes_back_as_it_went_in(tmp_path_factory, body):
    store = ObjectStore(Files(tmp_path_factory.mktemp("objects")))
    sha256 = store.put(body)
    assert sha256 == hashlib.sha256(body).hexdigest()
    assert store.read(sha256, max_bytes=ANY_SIZE) == body


@given(st.lists(st.binary(max_size=512), max_size=8))
def test_a_body_written_in_chunks_is_the_same_object(tmp_path_factory, chunks):
    store = ObjectStore(Files(tmp_path_factory.mktemp("objects")))
    writer = store.writer()
    for chunk in chunks:
        writer.write(chunk)
    sha256 = writer.close()
    assert sha256 == ObjectStore(Files(tmp_path_factory.mktemp("other"))).put(b"".join(chunks))
    assert store.read(sha256, max_bytes=ANY_SIZE) == b"".join(chunks)


def test_the_same_body_twice_is_one_file(tmp_path):
    store = ObjectStore(Files(tmp_path))
    store.put(b"page")
    before = store.path(hashlib.sha256(b"page").hexdigest()).stat()
    store.put(b"page")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert files[0].stat().st_mtime_ns == before.st_mtime_ns


def test_a_discarded_body_leaves_nothing(tmp_path):
    store = ObjectStore(Files(tmp_path))
    writer = store.writer()
    writer.write(b"half a feed")
    writer.discard()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_missing_body_is_said_by_name(tmp_path):
    with pytest.raises(LandingError, match="0000 is missing"):
        ObjectStore(Files(tmp_path)).read("0000", max_bytes=ANY_SIZE)


def test_a_damaged_body_is_never_read_as_if_it_were_whole(tmp_path):
    store = ObjectStore(Files(tmp_path))
    sha256 = store.put(b"x" * 10_000)
    path = store.path(sha256)
    path.write_bytes(b"not zstd")
    with pytest.raises(LandingError, match="damaged"):
        store.read(sha256, max_bytes=ANY_SIZE)


def test_a_body_exchanged_on_disk_is_noticed(tmp_path):
    store = ObjectStore(Files(tmp_path))
    honest, other = store.put(b"honest"), store.put(b"forged")
    store.path(honest).write_bytes(store.path(other).read_bytes())
    with pytest.raises(LandingError, match="changed on disk"):
        store.read(honest, max_bytes=ANY_SIZE)


def test_reading_stops_at_the_bound(tmp_path):
    store = ObjectStore(Files(tmp_path))
    sha256 = store.put(b"\0" * 1_000_000)
    with pytest.raises(LandingError, match="exceeds 1000 bytes"):
        store.read(sha256, max_bytes=1000)


@pytest.mark.parametrize("left", [b"", b"\x28\xb5\x2f\xfd torn"])
def test_a_body_that_a_power_cut_tore_is_stored_again(tmp_path, left):
    store = ObjectStore(Files(tmp_path))
    sha256 = store.put(b"page" * 1000)
    store.path(sha256).write_bytes(left)
    store.put(b"page" * 1000)
    assert store.read(sha256, max_bytes=ANY_SIZE) == b"page" * 1000


def test_what_a_killed_process_left_is_swept_and_what_is_being_written_is_not(tmp_path):
    store = ObjectStore(Files(tmp_path))
    killed, alive = store.writer(), store.writer()
    killed.write(b"half a feed")
    alive.write(b"half of another")
    started = datetime.now(UTC)
    kept = store.put(b"page")
    assert store.sweep(started - timedelta(days=1)) == 0
    sha256 = alive.close()
    assert store.sweep(started + timedelta(days=1)) == 1
    assert store.read(sha256, max_bytes=ANY_SIZE) == b"half of another"
    assert store.read(kept, max_bytes=ANY_SIZE) == b"page"
    assert list(tmp_path.rglob("*.part")) == []


def test_a_body_torn_at_the_end_of_a_block_is_noticed_in_chunks_too(tmp_path):
    store = ObjectStore(Files(tmp_path))
    body = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(50_000))
    sha256 = store.put(body)
    path = store.path(sha256)
    for left in (0, 1 << 18, path.stat().st_size - 1):
        with path.open("r+b") as file:
            file.truncate(left)
        with pytest.raises(LandingError):
            list(store.chunks(sha256, max_bytes=ANY_SIZE))
        store.put(body)


def test_bodies_and_every_new_folder_are_synced(tmp_path, monkeypatch):
    synced = set()
    monkeypatch.setattr(os, "fsync", lambda number: synced.add(os.fstat(number).st_ino))
    root = tmp_path / "landing" / "objects"
    files = Files(root.parent).below(root.name)
    sha256 = ObjectStore(files).put(b"page")
    again = ObjectStore(files)  # a process that finds what a killed one stored
    again.put(b"page")
    again.sync()
    path = again.path(sha256)
    assert {one.stat().st_ino for one in (path, path.parent, root, root.parent)} <= synced
