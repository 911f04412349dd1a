"""Ciphers: the published vector of SM4-GCM, and whatever is sealed is opened by the same key alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.errors import InputError
from fengsui.store.backup.backup import Backup
from fengsui.store.backup.ciphers import MAGICS, CipherName, Sm4Gcm
from fengsui.store.backup.sealed_file import read_sealed, write_sealed
from tests.fengsui.store.backup.test_backup import CLOCK, KEY, fill

CIPHERS = list(MAGICS.values())


def test_the_vector_of_rfc_8998() -> None:
    """Appendix A.1."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    text = bytes.fromhex(
        "".join(two * 8 for two in ("AA", "BB", "CC", "DD", "EE", "FF", "EE", "AA"))
    )
    sealed = Sm4Gcm(key).encrypt(nonce, text, bound)
    assert sealed.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert Sm4Gcm(key).decrypt(nonce, sealed, bound) == text


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(
        st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"") + b"\n"), max_size=20
    ),
    cipher=st.sampled_from(CIPHERS),
    place=st.integers(0, 10_000),
)
def test_what_is_sealed_comes_back_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cipher: CipherName, place: int
) -> None:
    path = tmp_path_factory.mktemp("sealed") / "a.sealed"
    write_sealed(path, "a", lines, KEY, cipher)
    assert list(read_sealed(path, "a", KEY)) == lines
    body = bytearray(path.read_bytes())
    body[place % len(body)] ^= 1
    path.write_bytes(body)
    with pytest.raises(InputError):
        list(read_sealed(path, "a", KEY))


def test_a_backup_may_change_its_cipher(tmp_path: Path) -> None:
    """What is there stays readable; `full` writes all of it anew."""
    events, state = fill(tmp_path / "home")
    home, folder = tmp_path / "home", tmp_path / "backup"
    heads: list[set[bytes]] = []
    for cipher, full in ((CIPHERS[0], False), (CIPHERS[1], False), (CIPHERS[1], True)):
        state.audit("ann", "did", "more")
        Backup(folder, KEY, cipher=cipher).write(events, state, home, CLOCK, full=full)
        Backup(folder, KEY).verify()
        heads.append({path.read_bytes()[:8] for path in folder.glob("*.sealed")})
    events.close()
    state.close()
    assert [len(one) for one in heads] == [1, 2, 1]
