"""调研督查的表格: rules and answers as their lists show them."""

from collections.abc import Iterable
from datetime import date

from accountability.sheets import Table
from inspections.models import Reply, Rule

RULE_HEADS = (
    ("制度名称", 40), ("文号", 22), ("制定单位", 18), ("重点领域", 12), ("立改废", 8), ("施行日期", 12),
    ("废止日期", 12), ("解决什么问题", 40), ("来自专题", 28), ("来自工作要求", 28), ("来自整改措施", 28),
)  # fmt: skip
REPLY_HEADS = (
    ("工作要求", 36), ("来源", 12), ("举一反三", 10), ("单位", 18), ("答复期限", 12), ("状态", 12), ("答复日期", 12),
    ("是否逾期", 10), ("退回次数", 10), ("所缺事项", 30), ("责任事项编号", 14),
)  # fmt: skip


def rules_table(rules: Iterable[Rule]) -> Table:
    return Table("制度成果", RULE_HEADS, (_rule(rule) for rule in rules))


def replies_table(replies: Iterable[Reply], on: date) -> Table:
    return Table("工作要求答复", REPLY_HEADS, (_reply(reply, on) for reply in replies))


def _rule(rule: Rule) -> tuple:
    return (
        rule.title,
        rule.document_number,
        rule.organisation.name,
        rule.key_area,
        rule.get_status_display(),
        rule.in_force_on,
        rule.repealed_on,
        rule.summary,
        rule.topic.title if rule.topic else "",
        rule.requirement.title if rule.requirement else "",
        rule.measure.text if rule.measure else "",
    )


def _reply(reply: Reply, on: date) -> tuple:
    requirement = reply.requirement
    is_late = reply.was_late or (reply.is_unanswered and reply.duty.due_on < on)
    return (
        requirement.title,
        requirement.origin_words,
        requirement.is_repeat,
        reply.organisation.name,
        reply.duty.due_on,
        reply.get_state_display(),
        reply.answered_on,
        is_late,
        reply.turns,
        reply.lacking,
        reply.duty.number,
    )
