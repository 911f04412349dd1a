"""Bundles that somebody made to harm: refused with a reason, never unpacked, never believed."""

from __future__ import annotations

import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.reading import read_evidence
from detections.compliance.assets.windows.bundle import decoded
from fengsui.control import Conformity
from fengsui.errors import FengsuiError, InputError
from tests.detections.compliance.assets.windows.conftest import bundle, members


def refused(path) -> str:
    with pytest.raises(InputError) as caught:
        read_evidence(path)
    return caught.value.code


def rewritten(path, change):
    with zipfile.ZipFile(path) as archive:
        held = {info.filename: archive.read(info) for info in archive.infolist()}
    change(held)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def made(tmp_path):
    return bundle(tmp_path / "host.zip", members())


def test_a_changed_member_is_forged(made):
    assert (
        refused(rewritten(made, lambda held: held.update({"users.tsv": b"x"}))) == "forged_bundle"
    )


def test_a_missing_member_is_forged(made):
    assert refused(rewritten(made, lambda held: held.pop("users.tsv"))) == "forged_bundle"


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "C:\\x", "users.tsv\n", "x" * 300])
def test_a_name_that_leads_elsewhere_is_refused(made, name):
    assert refused(rewritten(made, lambda held: held.update({name: b"x"}))) == "hostile_bundle"


def test_a_link_is_refused(made):
    with zipfile.ZipFile(made, "a") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/shadow")
    assert refused(made) == "hostile_bundle"


def test_a_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abcdef":
            archive.writestr(name, b"\0" * (8 << 20))
    assert path.stat().st_size < 1 << 20
    assert refused(path) == "too_large"


def test_other_zips_are_no_bundle(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme", "x")
    assert refused(path) == "unknown_evidence"


@given(cut=st.integers(0, 6000))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_truncated_bundle_is_refused(cut, made):
    data = made.read_bytes()
    path = made.with_name("cut.zip")
    path.write_bytes(data[: min(cut, len(data) - 1)])
    assert refused(path)


@given(data=st.data())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_in_any_part_is_judged_or_refused(data, tmp_path):
    parts = dict(members())
    name = data.draw(st.sampled_from(sorted(set(parts) - {"about"})))
    whole = parts[name].encode() if isinstance(parts[name], str) else parts[name]
    at = data.draw(st.integers(0, len(whole)))
    noise = data.draw(st.one_of(st.binary(max_size=40), st.just(b"<script>alert(1)</script>\t\t")))
    path = bundle(
        tmp_path / "x.zip", {**parts, name: whole[:at] + noise + whole[at + len(noise) // 2 :]}
    )
    try:
        found = judge_asset(read_evidence(path))
    except FengsuiError:
        return
    for finding in found:
        assert finding.check.unit == "L3-CES1-06" or finding.verdict is not Conformity.CONFORMS


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_texts_of_windows_are_read(encoding):
    text = "MinimumPasswordLength = 10\n密码"
    assert decoded(text.encode(encoding)).endswith(text)
