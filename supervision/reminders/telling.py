"""谁该知道什么: plans and posts joined into "person, duty, step" by the database, in one statement whatever the number.

``reached`` are the open duties with the latest step they have reached, ``who_…`` the people in each capacity; ``told`` joins
them. A person is left alone who heard of the same day of the same duty at this step or a later one. The rows are made
where they are kept: a hundred thousand of them never pass through Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accountability.models import Capacity, Duty, Notice, Organisation, Role, Tenure
from accountability.models.reminders import FURTHEST
from supervision.reminders.plans import Plan

# 顺序: whoever stands in two places hears in the capacity that comes first.
JOINED_ON = {
    Capacity.OWNER: "owner",
    Capacity.LIAISON: "organisation",
    Capacity.UNIT_SECRETARY: "unit",
    Capacity.LEADER: "unit",
    Capacity.SECRETARY: "",
    Capacity.COMMISSION: "",
}
REACHED = "duty, due_on, step, rule, owner, organisation, unit, title, body, url"
WRITTEN = "recipient_id, duty_id, due_on, step, rule_id, capacity, title, body, url"


class DaysUntil(Func):
    """Days from one date to another, as the database counts them: ``DaysUntil("due_on", on)``."""

    output_field = IntegerField()
    template = "(%(expressions)s)"
    arg_joiner = " - "

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(JULIANDAY(%(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - JULIANDAY(", **context)


@dataclass(frozen=True)
class Told:
    """One row: who is to hear of what, and as what."""

    recipient_id: int
    duty_id: int
    due_on: date
    step: int
    rule_id: int
    capacity: str
    title: str
    body: str
    url: str


def _day(value: date | str) -> date:
    """SQLite has no dates, only their words."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def reached_by(plan: Plan, on: date) -> QuerySet:
    """Open duties of open years with the latest step of the plan they have reached on ``on``."""
    furthest = plan.steps[-1].step
    latest = Case(
        *(When(due_on__lte=on + timedelta(days=each.step), then=Value(each.step)) for each in plan.steps),
        output_field=SmallIntegerField(),
    )
    rows = Duty.objects.open().filter(plan.duties, work_year__closed_on=None)
    return rows.filter(due_on__lte=on + timedelta(days=furthest)).annotate(reached=latest)


def _columns(plan: Plan, on: date) -> QuerySet:
    before, after = reverse("duty", args=[0]).split("0")
    is_branch = Q(organisation__kind=Organisation.Kind.BRANCH)
    unit = Case(When(is_branch, then=F("organisation__parent")), default=F("organisation"))
    name = Case(
        When(is_branch, then=Concat("organisation__parent__name", "organisation__name")),
        default=F("organisation__name"),
        output_field=CharField(),
    )
    clause = Case(
        When(clause=None, then=Value("")),
        default=Concat(Value(" · 条款 "), "clause__number"),
        output_field=CharField(),
    )
    left = Cast(DaysUntil("due_on", Value(on)), CharField())
    how_long = Case(
        When(due_on__lt=on, then=Value("已逾期")),
        When(due_on=on, then=Value("今日到期")),
        default=Concat(Value("剩 "), left, Value(" 天")),
        output_field=CharField(),
    )
    rows = reached_by(plan, on).annotate(
        rule=Value(plan.key),
        unit=unit,
        words=Concat(how_long, Value("："), "title"),
        facts=Concat(
            name, Value(" · 责任人 "), "owner__title", Value(" · 到期日 "), Cast("due_on", CharField()), clause
        ),
        place=Concat(Value(before), Cast("pk", CharField()), Value(after)),
    )
    names = ("pk", "due_on", "reached", "rule", "owner_id", "organisation_id", "unit", "words", "facts", "place")
    return rows.order_by().values_list(*names)


def _people(capacity: str, on: date) -> QuerySet:
    """(the place they stand for, person) of everybody in that capacity on ``on``."""
    held = Tenure.objects.in_office(on).filter(person__is_active=True).order_by()
    if capacity == Capacity.OWNER:
        return held.values_list("post_id", "person_id")
    if capacity == Capacity.LEADER:
        ends = Q(post__portfolio__ended_on=None) | Q(post__portfolio__ended_on__gte=on)
        led = held.filter(ends, post__portfolio__started_on__lte=on)
        return led.values_list("post__portfolio__organisation_id", "person_id")
    roles = {
        Capacity.LIAISON: Role.LIAISON,
        Capacity.UNIT_SECRETARY: Role.UNIT_SECRETARY,
        Capacity.SECRETARY: Role.SECRETARY,
        Capacity.COMMISSION: Role.DISCIPLINE,
    }
    return held.filter(post__role=roles[capacity]).values_list("post__organisation_id", "person_id")


class Telling:
    """What some plans have to say on a day: counted, read or written."""

    def __init__(self, plans: Sequence[Plan], on: date):
        self.params: list = []
        self.tables = self._tables(plans, on)

    def _tables(self, plans: Sequence[Plan], on: date) -> str:
        """WITH …, or nothing when no duty can be meant."""
        parts = [part for plan in plans if (part := self._compiled(_columns(plan, on)))]
        if not parts:
            return ""
        tables = [f"reached ({REACHED}) AS ({' UNION ALL '.join(parts)})"]
        branches = []
        for rank, (capacity, column) in enumerate(JOINED_ON.items()):
            heard = self._heard(plans, capacity)
            if not heard:
                continue
            tables.append(f"who_{capacity} (place, person) AS ({self._compiled(_people(capacity, on))})")
            joined = f"who_{capacity}.place = reached.{column}" if column else "1 = 1"
            branches.append(
                f"SELECT who_{capacity}.person, reached.*, '{capacity}' AS capacity, {rank} AS position "  # noqa: S608
                f"FROM reached JOIN who_{capacity} ON {joined} WHERE {heard}"
            )
        if not branches:
            return ""
        tables.append(f"told (person, {REACHED}, capacity, position) AS ({' UNION ALL '.join(branches)})")
        return "WITH " + ", ".join(tables)

    def _compiled(self, rows: QuerySet) -> str:
        try:
            sql, params = rows.query.sql_with_params()
        except EmptyResultSet:
            return ""
        self.params += params
        return sql

    @staticmethod
    def _heard(plans: Sequence[Plan], capacity: str) -> str:
        """The steps at which this capacity is told, rule by rule; numbers of our own, so they stand in the text."""
        of = [(plan.key, ", ".join(map(str, steps))) for plan in plans if (steps := plan.steps_for(capacity))]
        return " OR ".join(f"(rule = {int(key)} AND step IN ({steps}))" for key, steps in of)

    @property
    def _unheard(self) -> str:
        """Who has not heard of this step or a later one: one look into the index of reminders each, since a join is planned
        by statistics that know nothing of a table just filled."""
        notice = connection.ops.quote_name(Notice._meta.db_table)
        return (
            f"FROM told WHERE COALESCE((SELECT MIN(former.step) FROM {notice} former "  # noqa: S608
            "WHERE former.kind = 'reminder' AND former.recipient_id = told.person AND former.duty_id = told.duty "
            f"AND former.due_on = told.due_on), {FURTHEST + 1}) > told.step"
        )

    def count(self) -> tuple[int, int]:
        """(notices, people)."""
        if not self.tables:
            return 0, 0
        rows = f"SELECT DISTINCT person, duty {self._unheard}"
        sql = f"{self.tables} SELECT COUNT(*), COUNT(DISTINCT person) FROM ({rows}) AS unheard"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return cursor.fetchone()

    def rows(self, limit: int | None = None) -> list[Told]:
        """Each person and duty once, in the order of the days."""
        if not self.tables:
            return []
        columns = "person, duty, due_on, step, rule, capacity, title, body, url"
        sql = f"{self.tables} SELECT {columns} {self._unheard} ORDER BY due_on, duty, position, person"
        if limit:
            sql += f" LIMIT {int(limit) * len(JOINED_ON)}"
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            found = [Told(*row[:2], _day(row[2]), *row[3:]) for row in cursor.fetchall()]
        once = {(told.recipient_id, told.duty_id): told for told in reversed(found)}
        return list(once.values())[::-1][:limit]

    def write(self, now: datetime) -> int:
        """INSERT … SELECT … ON CONFLICT DO NOTHING; returns how many rows are new."""
        if not self.tables:
            return 0
        moment = Value(now, output_field=DateTimeField())
        stamp, stamped = moment.as_sql(Notice.objects.all().query.get_compiler(connection=connection), connection)
        notice = connection.ops.quote_name(Notice._meta.db_table)
        sql = (
            f"INSERT INTO {notice} (kind, {WRITTEN}, at_once, created_at) {self.tables} "
            f"SELECT 'reminder', person, duty, due_on, step, rule, capacity, title, body, url, false, {stamp} "
            f"{self._unheard} ORDER BY position ON CONFLICT DO NOTHING"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*self.params, *stamped])
            return cursor.rowcount
