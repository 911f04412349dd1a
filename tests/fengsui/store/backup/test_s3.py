"""Backups in a bucket: on moto's server, or on any named by FENGSUI_TEST_S3 (with AWS_… keys)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from fengsui.clock import HOUR
from fengsui.errors import InputError, StoreError, UsageError
from fengsui.event import Event, make_event
from fengsui.ids import digest_id
from fengsui.query.tree import Everything
from fengsui.store.backup.backup import Backup
from fengsui.store.backup.manifest import FILE
from fengsui.store.backup.place import Place, place_of
from tests.contract.events import START
from tests.fengsui.store.backup.test_backup import CLOCK, KEY, fresh

URL = "s3://fengsui-backups/district/one"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    if named := os.environ.get("FENGSUI_TEST_S3"):
        yield named
        return
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, os.environ.get(name, "testing"))
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="fengsui-backups")
    yield client
    for one in client.list_objects_v2(Bucket="fengsui-backups").get("Contents", ()):
        client.delete_object(Bucket="fengsui-backups", Key=one["Key"])
    client.delete_bucket(Bucket="fengsui-backups")
    client.close()


def few(first: int, last: int) -> list[Event]:
    return [
        make_event(id=digest_id(number), time=START + number * HOUR, dataset="dns", fields={})
        for number in range(first, last)
    ]


def test_there_and_back(bucket, endpoint: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    events, state = fresh(home)
    events.append(few(0, 30))
    place = place_of(URL, endpoint)
    bucket.put_object(Bucket="fengsui-backups", Key="district/other", Body=b"of somebody else")
    first = Backup(place, KEY).write(events, state, home, CLOCK)
    assert place.names() == {FILE, *(item.name for item in first.manifest.items)}
    events.append(few(30, 31))
    second = Backup(place, KEY).write(events, state, home, CLOCK)
    assert second.written == 1
    assert place.names() == {FILE, *(item.name for item in second.manifest.items)}

    drill = tmp_path / "drill"
    other, again = fresh(drill)
    assert Backup(place_of(f"{URL}/", endpoint), KEY).restore(other, again, drill).events == 31
    assert {e.id for e in other.scroll(Everything())} == {e.id for e in few(0, 31)}
    assert again.audit_records() == state.audit_records()
    body = bucket.get_object(Bucket="fengsui-backups", Key="district/other")["Body"]
    assert body.read() == b"of somebody else"

    name = next(name for name in sorted(place.names()) if name.startswith("events-"))
    with place.file(name).open("rb") as file:
        data = bytearray(file.read())
    data[60] ^= 1
    bucket.put_object(Bucket="fengsui-backups", Key=f"district/one/{name}", Body=bytes(data))
    refused(place, name)
    place.remove(name)
    refused(place, name)
    place.remove(FILE)
    refused(place, FILE)
    for one in (events, state, other, again):
        one.close()


def refused(place: Place, name: str) -> None:
    with pytest.raises(InputError) as caught:
        Backup(place, KEY).verify()
    assert caught.value.code == "bad_backup"
    assert caught.value.where == f"{URL}/{name}"


def test_faults_are_told(bucket, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def code_of(url: str, at: str) -> str:
        with pytest.raises(StoreError) as caught:
            Backup(place_of(url, at), KEY).verify()
        assert caught.value.next
        return caught.value.code

    assert code_of("s3://no-such-bucket/a", endpoint) == "s3_no_bucket"
    monkeypatch.setattr("fengsui.store.backup.s3._ATTEMPTS", 1)
    assert code_of(URL, "http://127.0.0.1:9") == "s3_unreachable"
    for url, at in [
        ("s3://", endpoint),
        ("gs://bucket", ""),
        ("folder", endpoint),
        (URL, "no url"),
    ]:
        with pytest.raises(UsageError):
            place_of(url, at)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert code_of(URL, endpoint) == "s3_keys"
