from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fengsui.text import Text, catalogue, literal


def test_a_missing_key_is_shown_and_not_fatal() -> None:
    assert Text("no.such.key").render("zh") == "no.such.key"


def test_literals_speak_both_languages() -> None:
    assert literal("甲", "A").render("zh") == "甲"
    assert literal("", "A").render("zh") == "A"


def test_a_word_inside_of_a_value_is_said_in_the_same_language() -> None:
    text = Text("hosts.lock_there.bad", {"detail": "sshd: ⟨hosts.word.no_module⟩ ⟨no.such⟩"})
    assert text.render("zh").endswith("sshd: 没有锁定模块 ⟨no.such⟩")
    assert text.render("en").endswith("sshd: no module locks ⟨no.such⟩")


@given(
    st.sampled_from(sorted(catalogue())),
    st.dictionaries(st.text(max_size=8), st.floats(), max_size=3),
)
def test_rendering_never_fails(key: str, values: dict[str, float]) -> None:
    for language in ("zh", "en"):
        assert Text(key, values).render(language)  # type: ignore[arg-type]
