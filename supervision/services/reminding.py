"""一天的提醒: every sweep of one day in their order; safe to run at any time and twice (一（二）, 四（三）)."""

from dataclasses import dataclass
from datetime import date

from accountability.models import ReminderRule
from accountability.services.workdays import is_workday
from supervision.services import clue_items, reminder_papers, reminders, talk_reminders


@dataclass(frozen=True)
class Reminded:
    """What a run wrote about duties; talks and clues are known to their parties alone and not counted aloud."""

    notices: int
    papers: int


def remind_on(on: date) -> Reminded:
    """提醒: duties, papers, talks and clues of that day."""
    done = Reminded(reminders.sweep(on), reminder_papers.issue(on))
    talk_reminders.sweep(on)
    clue_items.remind(on)
    return done


def why_nothing(on: date) -> str:
    """Why a day brings nothing at all; empty when it is a working day and some rule is in force."""
    if not is_workday(on):
        return "不是工作日，提醒顺延到下一个工作日。"
    if not ReminderRule.objects.in_force(on).exists():
        return "没有生效的提醒规则：可用 manage.py load_reminder_rules 装载，或由党委办公室启用。"
    return ""
