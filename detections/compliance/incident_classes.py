"""Incident classes: the 10 categories and 77 subclasses of GB/T 20986-2023, as rules name them.

A class is written `category/subclass`, e.g. `网络攻击事件/漏洞利用`. The standard's numeric codes are left
out: only one secondary source has them. English words are ours.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Final

from fengsui.text import Text, literal

CLASSES_FILE: Final = Path(__file__).parent / "catalogue" / "gbt20986_2023.csv"


@cache
def incident_classes() -> dict[str, Text]:
    """Every class, in the order of the standard, with its words in both languages."""
    with CLASSES_FILE.open(encoding="utf-8", newline="") as file:
        return {
            f"{row['category_zh']}/{row['subclass_zh']}": literal(
                f"{row['category_zh']}/{row['subclass_zh']}",
                f"{row['category_en']}: {row['subclass_en']}",
            )
            for row in csv.DictReader(file)
        }
