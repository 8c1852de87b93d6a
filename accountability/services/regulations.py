"""制度装载: read a regulation written in YAML, refuse it by line and reason, or bring the database in step (五).

The file is parsed to nodes, not to values, so that every refusal names its line. Nothing is written
while a single complaint stands; a file loaded again changes nothing and leaves no history row.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models, transaction
from django.db.models import Q

from accountability.models import (
    ActKind,
    Bearer,
    Clause,
    Duty,
    Obligation,
    Occurrence,
    Person,
    Regulation,
    Role,
    Subject,
)
from accountability.models.history import save_as

REASON = "装载制度文件"


@dataclass
class LoadSummary:
    """装载结果: how many rows were added, changed, removed."""

    regulation: Regulation | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def total(self) -> int:
        return self.added + self.changed + self.removed

    def __str__(self) -> str:
        if not self.total:
            return f"《{self.regulation}》没有变化。"
        return f"《{self.regulation}》：新增 {self.added} 项，修改 {self.changed} 项，删除 {self.removed} 项。"


def load_regulation(source: str | Path, *, by: Person) -> LoadSummary:
    """装载制度 from a path or a text. Raises ValidationError with every complaint of the file, each with its line."""
    return _write(_read(_text_of(source)), by=by)


def _text_of(source: str | Path) -> str:
    if isinstance(source, str):
        return source
    try:
        return source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValidationError(f"{source.name} 不是 UTF-8 编码的文本，请另存为 UTF-8。") from error
    except OSError as error:
        raise ValidationError(f"读不到文件 {source}，请检查路径。") from error


# ── the file ─────────────────────────────────────────────────────────────────────────────────


@dataclass
class Complaints:
    """What is wrong with the file, gathered so that one reading names everything."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, node: yaml.Node, reason: str) -> None:
        self.lines.append((node.start_mark.line + 1, reason))

    def refuse(self) -> None:
        if self.lines:
            raise ValidationError([f"第 {line} 行：{reason}" for line, reason in sorted(set(self.lines))])


@dataclass
class Entry:
    """一项: a mapping of the file, read field by field; ``finish`` complains of what nobody asked for."""

    node: yaml.Node
    what: str
    complaints: Complaints
    fields: dict[str, yaml.Node] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not isinstance(self.node, yaml.MappingNode):
            self.complaints.add(self.node, f"{self.what}应写成“字段: 值”的形式。")
            return
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.complaints.add(key, f"{self.what}的字段名应是一个词。")
                continue
            if key.value in self.fields:
                self.complaints.add(key, f"{self.what}的字段 {key.value} 写了两次，请删去一处。")
            self.fields[key.value] = value

    def complain(self, name: str, reason: str) -> None:
        self.complaints.add(self.fields.get(name, self.node), f"{self.what}的 {name} {reason}")

    def take(self, name: str, *, required: bool = True) -> yaml.Node | None:
        self.asked.add(name)
        node = self.fields.get(name)
        if node is None and required and isinstance(self.node, yaml.MappingNode):
            self.complain(name, "没有填写，请补上。")
        return node

    def text(self, name: str, column: models.Field | None = None, *, required: bool = True) -> str:
        """A scalar, no longer than its column."""
        node = self.take(name, required=required)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.complain(name, "应是一个值，不是列表或字段。")
            return ""
        value = node.value.strip()
        if required and not value:
            self.complain(name, "是空的，请补上。")
        if column is not None and column.max_length and len(value) > column.max_length:
            self.complain(name, f"有 {len(value)} 个字，最多 {column.max_length} 个，请改短。")
        return value

    def slug(self, name: str, column: models.Field) -> str:
        value = self.text(name, column)
        try:
            if value:
                validate_slug(value)
        except ValidationError:
            self.complain(name, f"“{value}”只能用英文字母、数字、横线和下划线。")
        return value

    def choice(self, name: str, choices: type[models.TextChoices]) -> str:
        value = self.text(name)
        if value and value not in choices.values:
            self.complain(name, f"没有“{value}”这个选项，可选：{'、'.join(choices.values)}。")
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name, required=False).lower()
        if value not in ("", "true", "false"):
            self.complain(name, f"“{value}”应为 true 或 false。")
        return value == "true"

    def day(self, name: str, *, required: bool = True) -> date | None:
        value = self.text(name, required=required)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            self.complain(name, f"“{value}”不是有效日期，请写成 2021-11-26 的形式。")
            return None

    def month_and_day(self, name: str) -> tuple[int, int] | None:
        """A day that exists in every year: 29 February does not."""
        value = self.text(name)
        month, _, day = value.partition("-")
        if not value:
            return None
        if not (month.isascii() and month.isdigit() and day.isascii() and day.isdigit()):
            self.complain(name, f"“{value}”不是有效的月日，请写成 06-30 的形式。")
            return None
        try:
            date(2025, int(month), int(day))
        except ValueError:
            self.complain(name, f"“{value}”：不是每年都有这一天，请改为存在的月日。")
            return None
        return int(month), int(day)

    def items(self, name: str, *, required: bool = False) -> list[yaml.Node]:
        node = self.take(name, required=required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.complain(name, "应是列表，每项以“- ”开头。")
            return []
        return node.value

    def texts(self, name: str, *, required: bool = False) -> list[str]:
        nodes = self.items(name, required=required)
        if any(not isinstance(node, yaml.ScalarNode) for node in nodes):
            self.complain(name, "列表中每一项应是一个值。")
            return []
        return [node.value.strip() for node in nodes]

    def finish(self) -> None:
        for name, node in self.fields.items():
            if name not in self.asked:
                known = "、".join(sorted(self.asked))
                self.complaints.add(node, f"{self.what}没有 {name} 这个字段，请删去或改为：{known}。")


@dataclass
class Document:
    """读出的制度: plain facts, checked, not yet in the database."""

    regulation: dict
    acts: list[dict]
    clauses: list[dict]


def _column(model: type[models.Model], name: str) -> models.Field:
    return model._meta.get_field(name)


def _read(text: str) -> Document:
    complaints = Complaints()
    top = Entry(_compose(text), "文件", complaints)
    regulation = _read_regulation(top, complaints)
    acts = [_read_act(node, rank, complaints) for rank, node in enumerate(top.items("acts"), 1)]
    known_acts = {act["code"] for act in acts} | set(ActKind.objects.values_list("code", flat=True))
    clauses = [_read_clause(node, rank, known_acts, complaints) for rank, node in enumerate(top.items("clauses"), 1)]
    top.finish()
    obligations = [obligation for clause in clauses for obligation in clause["obligations"]]
    for rank, obligation in enumerate(obligations, 1):
        obligation["rank"] = rank
    _refuse_twice(acts, "code", "履责方式的代号", complaints)
    _refuse_twice(clauses, "key", "条款的编号", complaints)
    _refuse_twice(obligations, "code", "责任要求的代号", complaints)
    complaints.refuse()
    return Document(regulation, acts, clauses)


def _compose(text: str) -> yaml.Node:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ValidationError(f"第 {line} 行：不是正确的 YAML，请检查缩进、冒号和引号（{error.problem}）。") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ValidationError(f"第 {line} 行：有不可见的控制字符，请删去后重新输入这一行。") from error
    if node is None:
        raise ValidationError("第 1 行：文件是空的。")
    return node


def _refuse_twice(rows: list[dict], name: str, what: str, complaints: Complaints) -> None:
    first: dict[str, int] = {}
    for row in rows:
        value, node = row[name], row["node"]
        if value and value in first:
            complaints.add(node, f"{what} {value} 与第 {first[value]} 行重复，请改用别的。")
        first.setdefault(value, node.start_mark.line + 1)


def _read_regulation(top: Entry, complaints: Complaints) -> dict:
    node = top.take("regulation")
    if node is None:
        return {}
    entry = Entry(node, "制度", complaints)
    facts = {
        "code": entry.slug("code", _column(Regulation, "code")),
        "title": entry.text("title", _column(Regulation, "title")),
        "document_number": entry.text("document_number", _column(Regulation, "document_number"), required=False),
        "issued_on": entry.day("issued_on", required=False),
        "in_force_from": entry.day("in_force_from"),
        "repealed_on": entry.day("repealed_on", required=False),
    }
    entry.finish()
    starts, ends = facts["in_force_from"], facts["repealed_on"]
    if starts and ends and ends <= starts:
        entry.complain("repealed_on", "须晚于 in_force_from。")
    elif starts and (other := overlapping(facts["code"], starts, ends)):
        entry.complain("in_force_from", f"与《{other}》（代号 {other.code}）的施行期重叠，请先填写旧版的废止日期。")
    return facts


def overlapping(code: str, in_force_from: date, repealed_on: date | None) -> Regulation | None:
    """Another regulation in force on a day of this one: a year must find exactly one (五)."""
    others = Regulation.objects.enacted().exclude(code=code)
    if repealed_on:
        others = others.filter(in_force_from__lt=repealed_on)
    return others.filter(Q(repealed_on=None) | Q(repealed_on__gt=in_force_from)).first()


def _read_act(node: yaml.Node, rank: int, complaints: Complaints) -> dict:
    entry = Entry(node, "履责方式", complaints)
    facts = {
        "node": node,
        "code": entry.slug("code", _column(ActKind, "code")),
        "name": entry.text("name", _column(ActKind, "name")),
        "category": entry.choice("category", ActKind.Category),
        "rank": rank,
    }
    entry.finish()
    return facts


def _read_clause(node: yaml.Node, rank: int, known_acts: set[str], complaints: Complaints) -> dict:
    entry = Entry(node, "条款", complaints)
    facts = {
        "node": node,
        "key": entry.text("key", _column(Clause, "key")),
        "number": entry.text("number", _column(Clause, "number")),
        "summary": entry.text("summary", _column(Clause, "summary")),
        "support": entry.text("support", _column(Clause, "support"), required=False),
        "support_path": entry.text("support_path", _column(Clause, "support_path"), required=False),
        "rank": rank,
        "obligations": [_read_obligation(item, known_acts, complaints) for item in entry.items("obligations")],
    }
    entry.finish()
    path = facts["support_path"]
    if path and not (path.startswith("/") and facts["support"]):
        entry.complain("support_path", "须以 / 开头，并在 support 写明是什么。")
    return facts


def _read_obligation(node: yaml.Node, known_acts: set[str], complaints: Complaints) -> dict:
    entry = Entry(node, "责任要求", complaints)
    facts = {
        "node": node,
        "code": entry.slug("code", _column(Obligation, "code")),
        "title": entry.text("title", _column(Obligation, "title")),
        "short_title": entry.text("short_title", _column(Obligation, "short_title")),
        "subject": entry.choice("subject", Subject),
        "bearer": entry.choice("bearer", Bearer),
        "owner_role": entry.choice("owner_role", Role),
        "requirement": entry.text("requirement", _column(Obligation, "requirement"), required=False),
        "helper_names": entry.texts("helpers"),
        "acts": entry.texts("acts", required=True),
        "is_open_ended": entry.flag("open_ended"),
        "occurrences": [
            _read_occurrence(item, number, complaints) for number, item in enumerate(entry.items("occurrences"), 1)
        ],
    }
    entry.finish()
    for act in facts["acts"]:
        if act not in known_acts:
            entry.complain("acts", f"中的“{act}”没有定义，请先在文件的 acts 中写明这种履责方式。")
    if "acts" in entry.fields and not facts["acts"]:
        entry.complain("acts", "是空的，请至少写一种履责方式。")
    if facts["is_open_ended"] and facts["occurrences"]:
        entry.complain("occurrences", "与 open_ended: true 不能并存：不设次数（N）的没有应完成次，请删去其一。")
    if not facts["is_open_ended"] and not facts["occurrences"]:
        entry.complain("occurrences", "没有填写：请写明每次的 due，或写 open_ended: true。")
    return facts


def _read_occurrence(node: yaml.Node, number: int, complaints: Complaints) -> dict:
    entry = Entry(node, "应完成次", complaints)
    month, day = entry.month_and_day("due") or (1, 1)
    facts = {
        "number": number,
        "label": entry.text("label", _column(Occurrence, "label"), required=False),
        "month": month,
        "day": day,
        "is_next_year": entry.flag("next_year"),
    }
    entry.finish()
    return facts


# ── the database ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def _write(document: Document, *, by: Person) -> LoadSummary:
    summary = LoadSummary()
    code = document.regulation["code"]
    regulation = Regulation.objects.select_for_update().filter(code=code).first() or Regulation(code=code)
    summary.regulation = _keep(regulation, document.regulation, summary, by=by)
    acts = _write_acts(document.acts, summary, by=by)
    _write_clauses(document, acts, summary, by=by)
    return summary


def _keep(row: models.Model, facts: dict, summary: LoadSummary, *, by: Person, always: bool = False) -> models.Model:
    """Save ``row`` when a fact differs, so that a second run leaves no trace."""
    is_new = row._state.adding
    differs = always or any(getattr(row, name) != value for name, value in facts.items())
    if is_new or differs:
        for name, value in facts.items():
            setattr(row, name, value)
        save_as(row, by=by, reason=REASON)
        summary.added += is_new
        summary.changed += not is_new
    return row


def _remove(row: models.Model, summary: LoadSummary, *, by: Person) -> None:
    row._history_user, row._change_reason = by, REASON
    row.delete()
    summary.removed += 1


def _facts(row: dict, *but: str) -> dict:
    return {name: value for name, value in row.items() if name not in ("node", *but)}


def _write_acts(rows: list[dict], summary: LoadSummary, *, by: Person) -> dict[str, ActKind]:
    """Acts are shared by all regulations: one the file does not name stays."""
    acts = {act.code: act for act in ActKind.objects.all()}
    for row in rows:
        acts[row["code"]] = _keep(acts.get(row["code"]) or ActKind(), _facts(row), summary, by=by)
    return acts


def _write_clauses(document: Document, acts: dict[str, ActKind], summary: LoadSummary, *, by: Person) -> None:
    regulation = summary.regulation
    clauses = {clause.key: clause for clause in regulation.clauses.all()}
    obligations = {
        obligation.code: obligation
        for obligation in Obligation.objects.filter(clause__regulation=regulation).prefetch_related(
            "acts", "occurrences"
        )
    }
    for row in document.clauses:
        clause = clauses.pop(row["key"], None) or Clause(regulation=regulation)
        _keep(clause, _facts(row, "obligations"), summary, by=by)
        for wanted in row["obligations"]:
            obligation = obligations.pop(wanted["code"], None)
            _write_obligation(obligation, wanted, clause, acts, summary, by=by)
    for obligation in obligations.values():
        _remove_obligation(obligation, summary, by=by)
    for clause in clauses.values():
        if Duty.objects.filter(clause=clause).exists():
            raise ValidationError(f"条款 {clause.number}（{clause.key}）已有责任事项引用，不能从文件中删去，请恢复。")
        _remove(clause, summary, by=by)


def _write_obligation(
    obligation: Obligation | None,
    row: dict,
    clause: Clause,
    acts: dict[str, ActKind],
    summary: LoadSummary,
    *,
    by: Person,
) -> None:
    wanted_acts = {acts[code].pk for code in row["acts"]}
    known_acts = {act.pk for act in obligation.acts.all()} if obligation else set()
    known_occurrences = {one.number: one for one in obligation.occurrences.all()} if obligation else {}
    obligation = obligation or Obligation()
    facts = _facts(row, "acts", "occurrences") | {"clause": clause}
    # The ways to do a duty are a many-to-many relation without a history of its own: the obligation's tells of it.
    _keep(obligation, facts, summary, by=by, always=wanted_acts != known_acts)
    if wanted_acts != known_acts:
        obligation.acts.set(wanted_acts)
    for wanted in row["occurrences"]:
        occurrence = known_occurrences.pop(wanted["number"], None) or Occurrence(obligation=obligation)
        _keep(occurrence, wanted, summary, by=by)
    for occurrence in known_occurrences.values():
        if is_used(occurrence):
            raise ValidationError(
                f"“{obligation.title}”（代号 {obligation.code}）的第 {occurrence.number} 次已有责任事项，"
                "不能从文件中删去；如需减少，请保留并在台账中把该责任改为“不再要求”。"
            )
        _remove(occurrence, summary, by=by)


def _remove_obligation(obligation: Obligation, summary: LoadSummary, *, by: Person) -> None:
    if Duty.objects.filter(obligation=obligation).exists():
        raise ValidationError(
            f"责任要求“{obligation.title}”（代号 {obligation.code}）已有责任事项，不能从文件中删去，请恢复；"
            "如不再要求，请废止本制度并另立新版本。"
        )
    for occurrence in obligation.occurrences.all():
        _remove(occurrence, summary, by=by)
    _remove(obligation, summary, by=by)


def is_used(occurrence: Occurrence) -> bool:
    """Whether a duty of any year was opened for it."""
    return Duty.objects.filter(obligation=occurrence.obligation_id, occurrence=occurrence.number).exists()
