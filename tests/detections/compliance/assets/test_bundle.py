"""The script writes nothing but its bundle and takes no secrets; the reader trusts no bundle."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from console.evidence import run_evidence
from detections.compliance.assets.host import bundle
from detections.compliance.assets.host.bundle import read_bundle
from detections.compliance.assets.host.script import SCRIPT
from fengsui.errors import InputError, UsageError

Files = dict[str, str | None]
Make = Callable[[Files], Path]


def write(root: Path, files: Files) -> Path:
    for name, text in files.items():
        if text is None:
            continue
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("-> "):
            path.symlink_to(text[3:])
        else:
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return root


def collect(root: Path, out: Path, *shell: str) -> Path:
    words = [*(shell or ("sh",)), str(SCRIPT), "--root", str(root), "-o", str(out)]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    return out


@pytest.fixture(scope="module")
def collected(
    tmp_path_factory: pytest.TempPathFactory, shapes: dict[str, Callable[..., Files]]
) -> Path:
    folder = tmp_path_factory.mktemp("collected")
    return collect(write(folder / "root", shapes["debian"]()), folder / "host.tar.gz")


@pytest.fixture
def host(collected: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(collected, tmp_path / "host.tar.gz"))


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar if one.isreg()}  # type: ignore[union-attr]


def pack(path: Path, content: dict[str, bytes], *, sign: bool = True) -> Path:
    if sign:
        lines = [
            f"{hashlib.sha256(data).hexdigest()}  {name}\n"
            for name, data in content.items()
            if name != "manifest"
        ]
        content = content | {"manifest": "".join(lines).encode()}
    with tarfile.open(path, "w:gz") as tar:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def state(root: Path) -> list[tuple[str, int, int, int, bytes]]:
    return [
        (str(p), s.st_mode, s.st_mtime_ns, s.st_ctime_ns, p.read_bytes() if p.is_file() else b"")
        for p in sorted(root.rglob("*"))
        for s in [p.lstat()]
    ]


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_the_script_reads_only(
    shell: str, tmp_path: Path, shapes: dict[str, Callable[..., Files]]
) -> None:
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"no {shell}")
    root = write(tmp_path / "root", shapes["rhel"]())
    before = state(root)
    out = collect(root, tmp_path / "host.tar.gz", *shell.split())
    assert state(root) == before
    assert out.stat().st_size < 100_000
    tree, _ = read_bundle(out)
    assert tree.file("/etc/pam.d/system-auth") is not None


def test_no_secret_is_taken(tmp_path: Path, shapes: dict[str, Callable[..., Files]]) -> None:
    secret = "TheSecretOne"
    root = write(
        tmp_path / "root",
        shapes["debian"](
            {
                "etc/shadow": f"root:$6${secret}${secret}:1:0:90::::\nops:!$y${secret}:1::::::\n",
                "etc/snmp/snmpd.conf": f"rocommunity {secret}\ncreateUser a SHA {secret} AES {secret}\n",
                "etc/sssd/sssd.conf": f"ldap_default_authtok = {secret}\n",
                "etc/profile.d/x.sh": f"export DB_PASSWORD={secret}\n",
                "etc/ssh/ssh_host_ed25519_key": secret,
                "root/.ssh/authorized_keys": f"ssh-ed25519 {secret}\n",
                "etc/default/grub": f"GRUB_PASSWORD={secret}\n",
            }
        ),
    )
    held = members(collect(root, tmp_path / "host.tar.gz"))
    assert [name for name, data in held.items() if secret.encode() in data] == []
    assert b"root:hash/6:1:0:90" in held["files/etc/shadow"]
    assert b"ops:locked/hash/y:1" in held["files/etc/shadow"]


def test_links_never_lead_out_of_the_root(
    tmp_path: Path, shapes: dict[str, Callable[..., Files]]
) -> None:
    (tmp_path / "outside").write_text("outside\n")
    files = shapes["debian"](
        {"etc/profile": f"-> {tmp_path}/outside", "etc/login.defs": "-> ../../outside"}
    )
    held = members(collect(write(tmp_path / "root", files), tmp_path / "host.tar.gz"))
    assert not [name for name, data in held.items() if data == b"outside\n"]


def test_the_same_evidence_gives_the_same_bytes(host: Path) -> None:
    assert run_evidence([host]).as_json() == run_evidence([host]).as_json()


def test_hostile_names_in_files_do_no_harm(
    tmp_path: Path, shapes: dict[str, Callable[..., Files]]
) -> None:
    odd = {"etc/sudoers.d/a$(touch x)": "x\n", "etc/sudoers.d/b\tc": "x\n", "etc/pam.d/`id`": "x\n"}
    tree, _ = read_bundle(
        collect(write(tmp_path / "root", shapes["debian"](odd)), tmp_path / "b.tar.gz")
    )
    assert not [path for path in tree.rows if "$" in path or "`" in path]


def test_gbk_text_is_read(host: Path, tmp_path: Path) -> None:
    held = members(host)
    held["files/etc/profile"] = "# 超时\nreadonly TMOUT=600\n".encode("gb18030")
    tree, _ = read_bundle(pack(tmp_path / "gbk.tar.gz", held))
    file = tree.file("/etc/profile")
    assert file is not None
    assert file.lines[0] == "# 超时"


@pytest.mark.parametrize("cut", [10, 200, 1000, 3000])
def test_a_truncated_bundle_is_refused(cut: int, host: Path) -> None:
    short = host.with_name("short.tar.gz")
    short.write_bytes(host.read_bytes()[:cut])
    with pytest.raises(InputError):
        read_bundle(short)


def test_a_forged_member_is_refused(host: Path, tmp_path: Path) -> None:
    held = members(host)
    held["files/etc/ssh/sshd_config"] = b"PermitRootLogin no\nPermitEmptyPasswords no\n"
    with pytest.raises(InputError) as caught:
        read_bundle(pack(tmp_path / "forged.tar.gz", held, sign=False))
    assert caught.value.code == "forged_bundle"


def test_a_missing_member_is_refused(host: Path, tmp_path: Path) -> None:
    held = members(host)
    del held["files/etc/shadow"]
    with pytest.raises(InputError):
        read_bundle(pack(tmp_path / "less.tar.gz", held, sign=False))


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "files/../../x"])
def test_paths_that_leave_are_refused(name: str, host: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_bundle(pack(tmp_path / "out.tar.gz", members(host) | {name: b"x"}))


def test_links_in_a_bundle_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("files/etc/passwd")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(InputError):
        read_bundle(path)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 1 << 20)
    with pytest.raises(InputError) as caught:
        read_bundle(pack(tmp_path / "bomb.tar.gz", {"about": b"\0" * (4 << 20)}))
    assert caught.value.code == "too_large"


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(b"hello"))
    with pytest.raises(InputError):
        read_bundle(path)


def test_one_refused_file_stops_no_other(host: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"\x1f\x8bnothing")
    done = run_evidence([bad, host, tmp_path / "absent"])
    assert [one.source for one in done.refused] == ["bad.tar.gz", "absent"]
    assert {finding.asset.name for finding in done.findings} == {"host1"}


def test_an_unknown_profile_is_refused(host: Path) -> None:
    with pytest.raises(UsageError):
        run_evidence([host], "S9A9")


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/pam.d/common-auth", "/etc/profile"])
def test_what_was_not_collected_is_open(path: str, host: Path, tmp_path: Path) -> None:
    held = members(host)
    del held[f"files{path}"]
    rows = held["files.tsv"].decode().splitlines(keepends=True)
    held["files.tsv"] = "".join(r for r in rows if f"\t{path}\t" not in r).encode()
    done = run_evidence([pack(tmp_path / "part.tar.gz", held)])
    words = {finding.verdict.value for finding in done.findings}
    assert words == {"insufficient_evidence"}
