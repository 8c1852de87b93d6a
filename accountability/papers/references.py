"""数字的出处: a number of a text carries the code of its figure, 3〔F-05〕次 (四（三）)."""

import re

REFERENCE = re.compile(r"(\d+(?:\.\d+)?%?|—)〔([A-Z]{1,2}-\d{2,4})〕")
CODE = re.compile(r"〔[A-Z]{1,2}-\d{2,4}〕")


def without_references(text: str) -> str:
    """The text as it is printed formally: numbers stay, codes go."""
    return CODE.sub("", text)
