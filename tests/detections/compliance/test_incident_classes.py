"""The classes of GB/T 20986-2023 that rules name."""

import re

from detections.compliance.incident_classes import incident_classes


def test_all_seventy_seven_are_there_once_in_both_languages() -> None:
    classes = incident_classes()
    assert len(classes) == 77
    assert len({name.split("/")[0] for name in classes}) == 10
    for name, words in classes.items():
        assert words.render("zh") == name
        assert re.search("[A-Za-z]", words.render("en"))
