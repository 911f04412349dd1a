from detections.sigma.lines import line_of

TWO = "title: One\nlevel: high\n---\ntitle: Two\ndetection:\n  s:\n    f|odd: 1\n  condition: s\n"


def test_a_document_begins_at_its_first_key() -> None:
    assert line_of(TWO, 0) == 1
    assert line_of(TWO, 1) == 4


def test_a_key_is_found_in_its_own_document() -> None:
    assert line_of(TWO, 0, "level") == 2
    assert line_of(TWO, 1, "SigmaConditionError") == 8


def test_the_word_that_an_error_names_is_preferred() -> None:
    assert line_of(TWO, 1, "SigmaModifierError", "Unknown modifier 'odd'") == 7


def test_text_that_is_no_yaml_has_a_first_line() -> None:
    assert line_of("[", 0, "level") == 1
    assert line_of("", 5) == 1
