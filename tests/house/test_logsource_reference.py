"""The page of log sources says what the tables say."""

from pathlib import Path

from console.logsource_reference import FILE, REMAKE, main, page
from detections.sigma.logsources import rows
from detections.sigma.targets import field_tables


def test_the_page_is_what_the_tables_make() -> None:
    assert FILE.read_text("utf-8") == page(), f"make it again: {REMAKE}"


def test_it_names_every_log_source_and_every_table(tmp_path: Path) -> None:
    main([str(tmp_path / "made" / "page.md")])
    text = (tmp_path / "made" / "page.md").read_text("utf-8")
    for row in rows():
        assert row.logsource.product == "fengsui" or f"| {row.logsource} " in text
    for table in field_tables():
        assert f"### {table}\n" in text
