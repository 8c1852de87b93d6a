"""监督看板 after whatever is written, and at midnight: its cells are what a plain count of the duties says (三（二）1)."""

import os
import random
from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accountability.access import standing_of
from accountability.confidential import told_of
from accountability.models import Duty, Obligation, Organisation, Person, Record
from accountability.models.history import save_as
from accountability.services import duties as verbs
from accountability.services.records import countable_duties, decide, file_record
from accountability.statements import _written
from supervision.access import secrets_of
from supervision.board.cells import Lights
from supervision.board.dashboard import board_for
from supervision.board.indicators import FIGURES, figures_of
from tests import acts, cast

pytestmark = pytest.mark.django_db
WRITES = int(os.environ.get("WRITES", "250"))  # of the goal a thousand: a minute
READERS = ("discipline", "secretary", "office", "unit_secretary", "department", "outsider")
S = Duty.State


# ── what it should be ────────────────────────────────────────────────────────────────────────


def plain(user: Person, on: date) -> dict[tuple, Lights]:
    """Duty by duty, from the words of the regulation: done, late, due within a month, not yet."""
    cells: dict[tuple, Lights] = {}
    soon_until = on + timedelta(days=settings.SOON_DAYS)
    rows = Duty.objects.visible_to(user).order_by("pk")
    for year, state, due_on, *cell in rows.values_list(
        *("work_year", "state", "due_on", "organisation", "obligation", "subject")
    ):
        if year != cast.YEAR or state == S.WAIVED:
            continue
        lights = cells.setdefault(tuple(cell), Lights())
        if state == S.FULFILLED:
            lights.done += 1
            continue
        lights.late += due_on < on
        lights.soon += on <= due_on <= soon_until
        lights.idle += due_on > soon_until
        lights.first_due = min(lights.first_due or due_on, due_on)
    return cells


def told(board) -> dict[tuple, Lights]:
    cells: dict[tuple, Lights] = {}
    for row in board.groups:
        cells.setdefault((row.organisation, row.obligation, row.subject), Lights()).add(row)
    return cells


def shown(board) -> dict[tuple[int, int], tuple[str, str]]:
    """Light and words of every cell of the matrix."""
    matrix = board.matrix()
    columns = [obligation.pk for obligation in matrix["columns"]]
    lines = [line for group in matrix["groups"] for line in group["lines"]]
    return {
        (line["unit"].pk, column): (cell.light, cell.words)
        for line in lines
        for column, cell in zip(columns, line["cells"], strict=True)
        if cell
    }


def plainly_shown(cells: dict[tuple, Lights], on: date) -> dict[tuple[int, int], tuple[str, str]]:
    units = set(Organisation.objects.units().active().values_list("pk", flat=True))
    found = {}
    for unit, obligation in {key[:2] for key in cells if key[0] in units and key[1]}:
        here = [lights for key, lights in cells.items() if key[:2] == (unit, obligation)]
        days = (
            (min(each.first_due for each in here if each.first_due) - on).days if any(e.first_due for e in here) else 0
        )
        if any(each.late for each in here):
            found[unit, obligation] = ("late", f"超{-days}天")
        elif any(each.soon for each in here):
            found[unit, obligation] = ("soon", f"剩{days}天" if days else "今日")
        else:
            found[unit, obligation] = ("idle", "未到") if any(each.idle for each in here) else ("done", "完成")
    return found


# ── what may be written ──────────────────────────────────────────────────────────────────────


class Writer:
    """One write at a time, through the verbs of the house or straight into a row; what is refused has to change nothing."""

    def __init__(self, people: dict, dice: random.Random):
        self.people, self.dice = people, dice
        self.ways = (self.file, self.file, self.withdraw, self.move, self.waive, self.assign, self.save, self.move_many,
                     self.hide, self.reopen, self.hand_to_another, self.delete)  # fmt: skip
        self.written: Counter[str] = Counter()

    def write(self) -> None:
        way = self.dice.choice(self.ways)
        try:
            if way() is not None:
                self.written[way.__name__] += 1
        except ValidationError:
            self.written["refused"] += 1

    def one(self, **such):
        return self.dice.choice(list(Duty.objects.of_year(cast.YEAR).filter(**such).order_by("pk")[:400]) or [None])

    def day(self) -> date:
        return date(2026, 1, 1) + timedelta(days=self.dice.randrange(420))

    def file(self):
        """录入: what proves a duty turns it green."""
        duty = self.one(state=S.OPEN, obligation__isnull=False, bearer_post=None)
        act = duty and duty.obligation.acts.order_by("pk").first()
        if not act:
            return None
        by = self.people["office"] if duty.organisation.kind == "school" else self.people["unit_secretary"]
        organisation = duty.organisation if duty.organisation.kind == "school" else cast.organisation(cast.OURS)
        day = timezone.localdate() - timedelta(days=self.dice.randrange(1, 60))
        return file_record(
            by=by, organisation=organisation, act=act, work_year=cast.YEAR, title="一次履责", happened_on=day,
            late_reason="补录", sitting=self.dice.randrange(1, 9),
            duties=countable_duties(organisation, act, cast.YEAR)[:1],
        )  # fmt: skip

    def withdraw(self):
        record = Record.objects.filter(state__in=("accepted", "submitted")).order_by("?").first()
        return record and decide(record, "withdraw", by=record.entered_by, reason="录入有误")

    def move(self):
        duty = self.one(state=S.OPEN)
        return verbs.move_due_day(duty, to=self.day(), by=self.people["office"], reason="另行安排")

    def waive(self):
        return verbs.waive(self.one(state=S.OPEN), by=self.people["office"], reason="不再需要")

    def assign(self):
        like = self.one()
        return verbs.assign(
            title="交办一项", organisation=like.organisation, owner=like.owner, work_year=cast.YEAR, due_on=self.day(),
            by=self.people["office"], is_confidential=self.dice.random() < 0.3,
        )  # fmt: skip

    def save(self):
        duty = self.one()
        duty.state, duty.due_on = self.dice.choice(list(S)), self.day()
        duty.fulfilled_on = self.day() if duty.state == S.FULFILLED else None
        save_as(duty, by=self.people["office"], reason="更正")
        return duty

    def move_many(self):
        return Duty.objects.filter(obligation=self.one(obligation__isnull=False).obligation).update(due_on=self.day())

    def hide(self):
        duty = self.one()
        return Duty.objects.filter(pk=duty.pk).update(is_confidential=not duty.is_confidential)

    def reopen(self):
        chosen = Duty.objects.filter(organisation=self.one().organisation, state=S.WAIVED)
        return chosen.update(state=S.OPEN) or None

    def hand_to_another(self):
        """What was assigned by hand may belong anywhere; what an obligation asks for belongs to whom it asks."""
        chosen = Duty.objects.filter(obligation=None).order_by("?").first()
        like = self.one()
        if not chosen:
            return None
        fields = {"organisation": like.organisation, "subject": like.subject}
        free = Obligation.objects.exclude(duties__work_year=cast.YEAR).order_by("pk").first()
        return Duty.objects.filter(pk=chosen.pk).update(obligation=free or None, **fields)

    def delete(self):
        duty = Duty.objects.filter(evidence=None, title="交办一项").order_by("?").first()
        return duty and duty.delete()


# ── the tests ────────────────────────────────────────────────────────────────────────────────


def fresh(name: str) -> Person:
    """Of each request a user of its own: what he may see is kept with him."""
    return Person.objects.get(username=name)


def test_after_every_write_the_cells_are_what_a_plain_count_says(people, clock):
    dice = random.Random(11)
    writer = Writer(people, dice)
    lights: Counter[str] = Counter()
    before = changed = 0
    for number in range(WRITES):
        if number % 40 == 39:  # the days go by as well
            clock.shift(timedelta(hours=dice.randrange(10, 40)))
        writer.write()
        user, on = fresh(dice.choice(READERS)), timezone.localdate()
        board, expected = board_for(user, cast.YEAR, on), plain(user, on)
        assert told(board) == expected, (number, user.username, writer.written)
        if number % 10 == 0:
            assert shown(board) == plainly_shown(expected, on), (number, user.username)
        for name in ("late", "soon", "idle", "done"):
            lights[name] += sum(getattr(each, name) for each in expected.values())
        changed, before = changed + (expected != before), expected
    assert changed > WRITES / 2
    assert min(lights[name] for name in ("late", "soon", "idle", "done")) > WRITES
    assert {way.__name__ for way in writer.ways} <= set(writer.written), writer.written
    assert writer.written["refused"] < WRITES / 3, writer.written


def test_at_midnight_what_was_due_today_is_late(people, login, clock):
    """Nothing is written: the day alone turns the light, on the page as in the count."""
    ours = cast.organisation(cast.OURS)
    duty = acts.duty_of(ours, "task-list")
    Duty.objects.filter(pk=duty.pk).update(due_on=date(2026, 11, 24))
    clock.move_to(datetime.fromisoformat("2026-11-24T23:59:40+08:00"))
    client = login("discipline")
    key = (ours.pk, duty.obligation_id)
    first = client.get("/supervision/").context
    clock.move_to(datetime.fromisoformat("2026-11-25T00:00:05+08:00"))
    second = client.get("/supervision/").context
    assert (_cell(first, key), _cell(second, key)) == (("soon", "今日"), ("late", "超1天"))
    assert second["total"].late == first["total"].late + 1
    assert second["months"][10]["late"] == first["months"][10]["late"] + 1


def _cell(context, key: tuple[int, int]) -> tuple[str, str]:
    columns = [obligation.pk for obligation in context["matrix"]["columns"]]
    lines = [line for group in context["matrix"]["groups"] for line in group["lines"]]
    cell = next(line for line in lines if line["unit"].pk == key[0])["cells"][columns.index(key[1])]
    return cell.light, cell.words


def test_the_rollup_that_was_not_built_would_be_wrong_by_then(people):
    """The control: the same sums, kept since the day before, are no longer what a plain count says."""
    Duty.objects.filter(pk=acts.duty_of(cast.organisation(cast.OURS), "task-list").pk).update(due_on=cast.TODAY)
    user = fresh("discipline")
    kept = told(board_for(user, cast.YEAR, cast.TODAY))
    assert kept == plain(user, cast.TODAY)
    assert kept != plain(user, cast.TODAY + timedelta(days=1))


@pytest.mark.parametrize("who", READERS)
def test_a_kept_statement_of_the_figures_looks_at_nothing_else(people, who):
    """Who asks, what he is told of and admitted to, year and day are its key: writing it must ask the database nothing more."""
    user = fresh(who)
    standing_of(user), told_of(user), secrets_of(user)
    known = [one for one in FIGURES.values() if one.may(user)]
    with CaptureQueriesContext(connection) as asked:
        written = {one.name: _written(one.rows(user, cast.YEAR, cast.TODAY).values("pk")) for one in known}
    assert not asked.captured_queries, asked.captured_queries
    assert len(written) > 5
    again = {name: one.count for name, one in figures_of(user, cast.YEAR, cast.TODAY).items()}
    assert again == {one.name: one.rows(user, cast.YEAR, cast.TODAY).count() for one in known}
