"""责任事项 as words: what its light says, how its state reads."""

from datetime import date

from django import template
from django.utils import timezone

from accountability.models import Duty, Light

register = template.Library()
WEEKDAYS = "一二三四五六日"


@register.filter
def light_words(duty: Duty, today: date) -> str:
    """完成、逾期完成、超 24 天、今日到期、剩 7 天、未到、不再要求. Days are calendar days."""
    if duty.state == Duty.State.WAIVED:
        return "不再要求"
    if duty.is_fulfilled:
        return "逾期完成" if duty.was_late else "完成"
    days = (duty.due_on - today).days
    if days < 0:
        return f"超 {-days} 天"
    if days == 0:
        return "今日到期"
    return f"剩 {days} 天" if duty.light == Light.SOON else "未到"


@register.filter
def weekday(day: date) -> str:
    return f"星期{WEEKDAYS[day.weekday()]}"


@register.filter
def file_size(size: int) -> str:
    """1.8 兆, 64 千字节, 320 字节."""
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f} 兆"
    if size >= 1024:
        return f"{size / 1024:.0f} 千字节"
    return f"{size} 字节"


@register.filter
def short_hash(sha256: str) -> str:
    return f"{sha256[:4]}…{sha256[-4:]}"


@register.filter
def days_ago(moment, today: date) -> int:
    day = timezone.localdate(moment) if hasattr(moment, "hour") else moment
    return (today - day).days


RECORD_LIGHTS = {"accepted": "done", "submitted": "soon", "returned": "late", "withdrawn": "idle"}


@register.filter
def record_light(record) -> str:
    return RECORD_LIGHTS[record.state]
