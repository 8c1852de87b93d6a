"""监督文书 as words: the light a letter wears on a day (三（二）1)."""

from dataclasses import dataclass
from datetime import date

from django import template

from supervision.models import Letter, LetterMatter

register = template.Library()


@dataclass(frozen=True)
class Shown:
    light: str
    label: str


CLOSED = {Letter.State.WITHDRAWN: "已作废", Letter.State.REVOKED: "已撤销"}


@register.simple_tag
def letter_light(letter: Letter, on: date) -> Shown:
    """状态灯 of a letter as ``for_list`` counts it."""
    if letter.state in CLOSED:
        return Shown("idle", CLOSED[letter.state])
    if letter.state == Letter.State.DRAFT:
        return Shown("late", "退回修改") if letter.returned_reason else Shown("idle", "拟稿")
    if letter.state == Letter.State.PROPOSED:
        return Shown("soon", "待签发")
    if letter.waited and letter.next_due < on:
        return Shown("late", "逾期未答复")
    if letter.waited:
        return Shown("soon", "待答复" if letter.read_at else "未签收")
    return Shown("soon", "待评价") if letter.answered else Shown("done", "已办结")


@register.simple_tag
def matter_light(matter: LetterMatter, on: date) -> Shown:
    """状态灯 of one matter."""
    if matter.duty is None:
        return Shown("idle", "未发出")
    if matter.is_waived:
        return Shown("idle", "不再要求")
    if matter.state == LetterMatter.State.SETTLED:
        return Shown("done", matter.answer.get_grade_display() if matter.answer else "已办结")
    if matter.state == LetterMatter.State.ANSWERED:
        return Shown("soon", "待评价")
    if matter.duty.due_on < on:
        return Shown("late", f"逾期 {(on - matter.duty.due_on).days} 天未答复")
    if matter.state == LetterMatter.State.SENT_BACK:
        return Shown("late", matter.get_state_display())
    return Shown("soon", matter.get_state_display())
