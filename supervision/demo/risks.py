"""风险点与年度自查的演示: two years of points, changes and answers, written with the days they were lived on (三（四）2).

The self-checks are those the story tells anyway: their records become the units' sheets, so the duties stay as they are.
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from accountability.models import Organisation, Person, Post, Record, Role
from accountability.models.history import create_with_history
from inspections.models import CheckCampaign, RiskAnswer, RiskChange, RiskPoint, UnitCheck
from inspections.models.checks import STANDING
from inspections.risk_grading import Grading
from inspections.services.risks import CONTENT
from supervision.demo.clock import moment
from supervision.demo.deeds import signed
from supervision.demo.risk_texts import CHANGED, GUIDANCE, NEW_THIS_YEAR, UNITS, ZERO
from supervision.demo.years import Staff

PAST, PRESENT = 2025, 2026
ACT = "risk-self-check"
LISTED_ON = date(2025, 3, 18)
OPENED_ON = {PAST: date(2025, 10, 20), PRESENT: date(2026, 10, 26)}
DUE_ON = {PAST: date(2025, 11, 28), PRESENT: date(2026, 11, 30)}
CATEGORIES = RiskPoint.Category
# What the liaisons' sheets of this autumn say, as their records do: the points with a problem, by their place.
FOUND = {"会计学院": {0, 1}, "金融管理学院": {0}, "国有资产管理处": {2}}
# 草稿: whose sheet is begun and not handed in; so many points are answered.
BEGUN = {"财务处": 2}
SHARE_WITH_PROBLEMS = 0.22


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    Story(until).tell()


class Story:
    """One telling: the points first, then what became of them, then the sheets of each year."""

    def __init__(self, until: date) -> None:
        self.until, self.grading, self.staff = until, Grading(), Staff()
        self.units = {unit.name: unit for unit in Organisation.objects.units().filter(name__in=UNITS)}
        self.posts = {
            (post.organisation_id, post.role): post
            for post in Post.objects.filter(organisation__in=self.units.values()).order_by("-rank")
        }
        self.points: dict[str, list[RiskPoint]] = {}

    def tell(self) -> None:
        points = list(self._points())
        create_with_history(points, by=None)
        create_with_history([_new(point) for point in points], by=None)
        for year in (PAST, PRESENT):
            if year == PRESENT:
                self._change()
            if OPENED_ON[year] <= self.until:
                self._check(year)

    def _holder(self, unit: Organisation, role: str, on: date) -> Person:
        return self.staff.holder(self.posts[unit.pk, role], on)

    # ── points ────────────────────────────────────────────────────────────────────────────────

    def _points(self) -> Iterator[RiskPoint]:
        serial = 0
        for name, rows in UNITS.items():
            self.points[name] = []
            newest, (month, day) = NEW_THIS_YEAR.get(name, (0, (1, 1)))
            for number, row in enumerate(rows):
                is_new = number >= len(rows) - newest
                on = date(PRESENT, month, day) if is_new else LISTED_ON
                if on > self.until:
                    continue
                serial += 1
                point = self._point(self.units[name], serial, row, on)
                self.points[name].append(point)
                yield point

    def _point(self, unit: Organisation, serial: int, row: tuple, on: date) -> RiskPoint:
        power, category, area, text, shows, factors, measures, _ = row
        liaison, secretary = (self._holder(unit, role, on) for role in (Role.LIAISON, Role.UNIT_SECRETARY))
        level = self.grading.graded(factors.split(","))
        at = moment(on, 10, serial % 60)
        point = RiskPoint(
            serial=serial,
            organisation=unit,
            owner=self.posts[unit.pk, Role.UNIT_SECRETARY],
            state=RiskPoint.State.IN_USE,
            power_item=power,
            category=CATEGORIES(category),
            key_area=area,
            text=text,
            manifestation=shows,
            factors=factors,
            level=level,
            measures=measures,
            entered_by=liaison,
            entered_at=at,
            confirmed_by=secretary,
            in_use_from=on,
        )
        return signed(point, secretary, at, "确认启用")

    def _change(self) -> None:
        """等级调整、退出 of this year, whose day has come."""
        changes, changed = [], []
        for name, number, factors, (month, day), reason in CHANGED:
            on = date(PRESENT, month, day)
            if on > self.until or number >= len(self.points[name]):
                continue
            point = self.points[name][number]
            change = self._changed(point, factors, on, reason)
            changes.append(change)
            changed.append(signed(point, change.decided_by, change.decided_at, f"{change.words}：{reason}"))
        create_with_history(changes, by=None)
        for point in changed:
            point.save()

    def _changed(self, point: RiskPoint, factors: str, on: date, reason: str) -> RiskChange:
        liaison, secretary = (
            self._holder(point.organisation, role, on) for role in (Role.LIAISON, Role.UNIT_SECRETARY)
        )
        before = point.level
        if factors:
            point.factors, point.level = factors, self.grading.graded(factors.split(","))
        else:
            point.state, point.retired_on, point.retired_why = RiskPoint.State.RETIRED, on, reason
        change = RiskChange(
            **{name: getattr(point, name) for name in CONTENT},
            point=point,
            kind=RiskChange.Kind.ADJUST if factors else RiskChange.Kind.RETIRE,
            state=RiskChange.State.CONFIRMED,
            reason=reason,
            level_before=before,
            measures_before=point.measures,
            asked_by=liaison,
            asked_at=moment(on, 9, 30),
            decided_by=secretary,
            decided_at=moment(on, 15, 20),
            effective_on=on,
        )
        return signed(change, secretary, change.decided_at, "同意变更")

    # ── answers ───────────────────────────────────────────────────────────────────────────────

    def _check(self, year: int) -> None:
        by, at = Person.objects.get(username="discipline"), moment(OPENED_ON[year], 9, 10)
        campaign = CheckCampaign(
            work_year_id=year, due_on=DUE_ON[year], guidance=GUIDANCE[year], opened_by=by, opened_at=at
        )
        create_with_history([signed(campaign, by, at, "部署年度自查自纠")], by=None)
        records = self._records(year)
        checks = [
            check for name in self.points if (check := self._sheet(campaign, name, records.get(self.units[name].pk)))
        ]
        create_with_history(checks, by=None)
        create_with_history([answer for check in checks for answer in self._answers(check, year)], by=None)

    def _records(self, year: int) -> dict[int, Record]:
        """The self-check each unit has recorded; every one of them becomes its sheet."""
        rows = Record.objects.standing().filter(work_year=year, act__code=ACT, organisation__in=self.units.values())
        return {record.organisation_id: record for record in rows.select_related("entered_by").order_by("pk")}

    def _sheet(self, campaign: CheckCampaign, name: str, record: Record | None) -> UnitCheck | None:
        if record is None and (campaign.work_year_id == PAST or name not in BEGUN):
            return None
        unit, at = self.units[name], record.entered_at if record else moment(min(self.until, date(PRESENT, 11, 18)), 16)
        by = record.entered_by if record else self._holder(unit, Role.LIAISON, at.date())
        check = UnitCheck(campaign=campaign, organisation=unit, record=record, turn=1, saved_by=by, saved_at=at)
        return signed(check, by, at, "提交自查答卷" if record else "保存自查答卷")

    def _answers(self, check: UnitCheck, year: int) -> Iterator[RiskAnswer]:
        name = check.organisation.name
        dice = Random(f"{year}{name}")  # noqa: S311 — a story, not a secret
        handed_in = check.record is not None and check.record.state in STANDING
        rows = [(number, point) for number, point in enumerate(self.points[name]) if _was_in_use(point, check)]
        for number, point in rows if check.record else rows[: BEGUN[name]]:
            drawn = dice.random() < SHARE_WITH_PROBLEMS and not (year == PRESENT and name in ZERO)
            has_problem = number in FOUND[name] if year == PRESENT and name in FOUND else drawn
            yield self._answer(check, point, UNITS[name][number][-1] if has_problem else "", handed_in)

    def _answer(self, check: UnitCheck, point: RiskPoint, found: str, handed_in: bool) -> RiskAnswer:
        yes, partly = RiskAnswer.CarriedOut.YES, RiskAnswer.CarriedOut.PARTLY
        answer = RiskAnswer(
            unit_check=check,
            point=point,
            has_problem=bool(found),
            problem=found,
            carried_out=partly if found else yes,
            needs_change=False,
            plan="经办人已整改，办公室年底前复核一次。" if found else "",
            level=point.level if handed_in else None,
            is_handed_in=handed_in,
        )
        return signed(answer, check.saved_by, check.saved_at, "填写自查回答")


def _was_in_use(point: RiskPoint, check: UnitCheck) -> bool:
    on = check.saved_at.date()
    return point.in_use_from <= on and (point.retired_on is None or on < point.retired_on)


def _new(point: RiskPoint) -> RiskChange:
    change = RiskChange(
        **{name: getattr(point, name) for name in CONTENT},
        point=point,
        kind=RiskChange.Kind.NEW,
        state=RiskChange.State.CONFIRMED,
        asked_by=point.entered_by,
        asked_at=point.entered_at,
        decided_by=point.confirmed_by,
        decided_at=point.entered_at,
        effective_on=point.in_use_from,
    )
    return signed(change, point.confirmed_by, point.entered_at, "新增风险点")
