"""编号: the next number of a series, given under the lock of its row."""

from django.db import transaction

from accountability.models import NumberSeries


@transaction.atomic
def next_number(series: str, year: int) -> int:
    """取号. The row is locked until commit: two at once get two numbers, and a rollback leaves no gap."""
    NumberSeries.objects.get_or_create(series=series, year=year)
    row = NumberSeries.objects.select_for_update().get(series=series, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


def worded(word: str, year: int, number: int) -> str:
    """文号 as offices write it: 江海纪督〔2026〕3号."""
    return f"{word}〔{year}〕{number}号"
