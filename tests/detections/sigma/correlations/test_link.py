"""References: by id, by name, to correlations; cycles, gaps, doubles; who is silent."""

from collections.abc import Callable
from pathlib import Path

from detections.sigma.correlations.link import Linked, link
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.loaded import LoadedRule, Refused
from detections.sigma.loader import load_text

Linking = Callable[..., tuple[Linked, list[Refused]]]
COUNT = "{{type: event_count, rules: [{0}], timespan: 1m, condition: {{gte: 2}}}}"


def of_files(**texts: str) -> tuple[Linked, list[Refused]]:
    found = [one for name, text in texts.items() for one in load_text(text, Path(f"{name}.yml"))]
    rules = [one for one in found if isinstance(one, LoadedRule)]
    return link(rules, [one for one in found if isinstance(one, LoadedCorrelation)])


def base(name: str, id_: str = "") -> str:
    known = f"id: {id_}\n" if id_ else ""
    return (
        f"title: {name}\nname: {name}\n{known}logsource: {{product: windows}}\n"
        "detection: {s: {EventID: 1}, condition: s}\n"
    )


def test_an_id_is_found_whatever_its_case() -> None:
    id_ = "0e95725d-7320-415d-80f7-004da920fc11"
    text = base("a", id_) + "---\ntitle: C\ncorrelation: " + COUNT.format(id_.upper())
    linked, refused = of_files(one=text)
    assert not refused
    assert linked.base_ids == {0: id_}


def test_children_come_first_whatever_the_order(linking: Linking) -> None:
    linked, refused = linking(COUNT.format("t1"), COUNT.format("t2"), COUNT.format("a"))
    assert not refused
    assert [one.rule.name for one in linked.correlations] == ["t2", "t1", "t0"]
    assert [one.speaks for one in linked.correlations] == [False, False, True]


def test_cycles_are_refused_and_the_rest_works(linking: Linking) -> None:
    sections = [COUNT.format("t1"), COUNT.format("t0"), COUNT.format("t2"), COUNT.format("a")]
    linked, refused = linking(*sections, COUNT.format("t0"))
    assert [one.rule.name for one in linked.correlations] == ["t3"]
    assert [one.title for one in refused] == ["T0", "T1", "T2", "T4"]
    assert all("cycle" in one.reason for one in refused)
    assert all(one.line > 1 for one in refused)


def test_a_gap_is_named(linking: Linking) -> None:
    linked, refused = linking(COUNT.format("nobody"), COUNT.format("t0"))
    assert not linked.correlations
    assert "'nobody'" in refused[0].reason
    assert "is refused" in refused[1].reason


def test_a_name_of_the_own_file_wins_and_one_of_several_others_is_refused() -> None:
    count = "---\ntitle: C\ncorrelation: " + COUNT.format("login")
    linked, refused = of_files(one=base("login") + count, two=base("login"))
    assert not refused
    assert linked.bases == {0}
    _, refused = of_files(one=base("login"), two=base("login"), three=count[4:])
    assert "several rules" in refused[0].reason


def test_a_base_rule_is_silent_unless_one_that_names_it_generates(linking: Linking) -> None:
    speaking = COUNT.format("b").replace("gte: 2}", "gte: 2}, generate: true")
    linked, _ = linking(COUNT.format("a, b"), speaking)
    assert (linked.bases, linked.silent) == ({0, 1}, {0})


def test_an_alias_about_no_rule_is_refused(linking: Linking) -> None:
    section = COUNT.format("a").replace("gte: 2}", "gte: 2}, aliases: {x: {who: y}}")
    assert "'who'" in linking(section)[1][0].reason


def test_the_digest_is_of_what_windows_depend_on(linking: Linking) -> None:
    def digest(section: str) -> str:
        return linking(section)[0].correlations[0].digest

    same = digest(COUNT.format("a"))
    assert digest(COUNT.format("a")) == same
    assert digest(COUNT.format("b")) != same
    assert digest(COUNT.format("a").replace("1m", "2m")) != same
