r"""Placeholders: `%name%` under `|expand` → the values that the settings give it.

Sigma 2.1 rules, "Placeholders": a value may be a pattern with wildcards, several are alternatives,
`\%` is a plain percent sign, and a rule whose placeholder nothing fills is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product

from detections.sigma.faults import Unsupported, WrongRule

Scalar = str | int | float | bool
Placeholders = Mapping[str, Sequence[Scalar]]

MOST_ALTERNATIVES = 10_000  # values that one value of a rule may become
_TOKEN = re.compile(r"\\\\|\\%|%([^%]+)%|[^\\%]+|.", re.DOTALL)


def expanded(
    text: str, known: Placeholders, quoted: Callable[[str], str], line: int
) -> list[Scalar]:
    """All values that a text with placeholders stands for; one that is nothing but a placeholder
    keeps the kind of its values (numbers stay numbers).

    Args:
        text: as the rule writes it.
        known: values by name.
        line: where the text stands, for the reason of a refusal.
        quoted: how a value is written inside the text (as a regular expression, or as it is).

    Raises:
        Unsupported: nothing fills a placeholder.
        WrongRule: there are too many values.
    """
    whole = _TOKEN.fullmatch(text)
    if whole and whole[1] is not None:
        return [
            quoted(one) if isinstance(one, str) else one for one in _values(whole[1], known, line)
        ]
    choices: list[list[str]] = []
    count = 1
    for token in _TOKEN.finditer(text):
        if token[1] is not None:
            found = [quoted(_as_text(one)) for one in _values(token[1], known, line)]
            count *= len(found)
            if count > MOST_ALTERNATIVES:
                raise WrongRule(
                    f"the placeholders unfold to more than {MOST_ALTERNATIVES} values", line
                )
            choices.append(found)
        else:
            choices.append(["%" if token[0] == "\\%" else token[0]])
    return ["".join(one) for one in product(*choices)]


def _values(name: str, known: Placeholders, line: int) -> Sequence[Scalar]:
    found = known.get(name)
    if not found:
        state = "has an empty list" if found is not None else "has no values"
        raise Unsupported(
            f"the placeholder %{name}% {state}: fill the setting detection.placeholders.{name}",
            line,
        )
    return found


def _as_text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
