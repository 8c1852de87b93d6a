"""导入表格的问题: what is wrong with an uploaded file, row by row."""

from collections.abc import Sequence

AT_MOST = 200


def told(complaints: Sequence, at_most: int = AT_MOST) -> dict:
    """The first complaints, how many more there are, and how many in all."""
    return {
        "complaints": complaints[:at_most],
        "more": max(len(complaints) - at_most, 0),
        "total": len(complaints),
    }
