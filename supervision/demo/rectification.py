"""巡察整改的演示: a round closed last year, this year's 巡视 with its ledger, a college under rectification, a special round at work (三（四）1)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone

from accountability.models import ActKind, Organisation, Person, Post, Role, Tenure
from accountability.services.attachments import Examined, extension_of, keep
from accountability.services.records import decide
from inspections.models import Finding, KindResult, Measure, Round, Term
from inspections.reading.days import Term as Day
from inspections.reading.ledger import Book, MeasureRow, ProblemRow
from inspections.sample import SAMPLE
from inspections.services import closing, drafting, ledger, measures, rounds, terms
from inspections.services import progress as monthly
from inspections.services.duties import due_day
from inspections.services.reading import read_content
from supervision.demo import files, follow_up
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.deeds import Deed, signed, write
from supervision.demo.people import unit_named

PLANNED = {
    2024: ("国际经贸学院", "工商管理学院", "学生处"),
    2025: ("法学院", "外国语学院", "统计与信息学院"),
    2026: (OUR_COLLEGE, "金融管理学院", "科研处", "财务处"),
    2027: ("马克思主义学院", "公共管理学院", "后勤保障处", "基建处", "招生办公室"),
    2028: ("继续教育学院", "国际教育学院", "体育部", "人事处", "国有资产管理处"),
}
AREAS = {2026: ("科研经费", "招生录用"), 2027: ("基础建设", "后勤保障")}
# Measures of the sample that were not done by their day: problem and day.
LATE = {(27, date(2026, 10, 15)), (13, date(2026, 10, 20)), (17, date(2026, 9, 30))}
EXTENDED = (12, date(2026, 11, 30), date(2026, 12, 25))
# The office had kept its ledger in Excel since May; the system took it over, and proofs were entered after it.
TAKEN_OVER_ON = date(2026, 10, 12)
# What became of problems whose measures are all done: the rest of them are closed.
LONG_TERM, REVIEWING, VERIFYING, RETURNED, REBOUNDED = (16, 20), (26,), (22, 2), (9,), 14
LESSONS = {
    "法学院": (
        ("议事规则修订滞后，会前征求意见不充分", "修订党政联席会议议事规则，列明会前征求意见的程序。"),
        ("实践教学经费支出依据不全", "补齐支出依据，统一报销附件清单。"),
    ),
    "外国语学院": (("培训项目收费公示不及时", "建立收费项目公示台账，逐项公示。"),),
    "统计与信息学院": (("机房设备验收与使用脱节", "明确设备使用责任人，半年核对一次。"),),
}
COLLEGE = (
    ("经费报销审核把关不严，附件不全", "修订学院经费报销实施细则并组织培训。", date(2026, 11, 20), "建章立制"),
    ("评优评先公示时间偏短", "统一公示不少于五个工作日，公示内容留档。", date(2026, 11, 13), "举一反三"),
    ("实验设备验收后长期闲置", "逐台核清闲置设备，明确使用责任人。", date(2026, 12, 10), "专项整治"),
)


def lay_past() -> None:
    """Last year's round, while its year is open."""
    with standing_at(moment(date(2025, 1, 15))):
        term = terms.plan_term(by=_officer(), name="第三届党委", starts_on=date(2024, 6, 1), ends_on=date(2029, 5, 31))
        for year, names in PLANNED.items():
            terms.plan_inspections(
                term,
                by=_officer(),
                year=year,
                kind="school",
                organisations=_units(names),
                key_areas=AREAS.get(year, ()),
            )
    row = _round(date(2025, 2, 20), "2025年校内巡察", LESSONS, starts_on=date(2025, 3, 3), ends_on=date(2025, 4, 11))
    problems = [
        _problem(number, unit, text, words, date(2025, 7, 18))
        for number, (unit, text, words) in enumerate(_told(LESSONS), 1)
    ]
    _feed_back(row, date(2025, 4, 25), problems)
    _report_months(row, until=date(2025, 6, 30))
    _prove(_measures(row), until=date(2025, 7, 4))
    for finding in row.findings.all():
        _close(finding, date(2025, 7, 7), "close")
    follow_up.tell_the_party(row, date(2025, 9, 5), "江海党巡通〔2025〕1号", by=_officer())
    with standing_at(moment(date(2025, 9, 10))):
        rounds.end_round(row, by=_officer())


def lay(until: date) -> None:
    """This year's rounds, up to and including ``until``."""
    _school_inspected(until)
    _college_inspected(until)
    _special_at_work(until)
    follow_up.recheck_last_year(Round.objects.get(starts_on__year=2025), _liaison(unit_named("审计处")), until)


# ── 巡视 ─────────────────────────────────────────────────────────────────────────────────────


def _school_inspected(until: date) -> None:
    if until < TAKEN_OVER_ON + timedelta(days=30):
        return
    row = _round(
        date(2026, 2, 10), "2026年上级党委巡视", (), kind=Round.Kind.EXTERNAL,
        starts_on=date(2026, 3, 2), ends_on=date(2026, 4, 30),
    )  # fmt: skip
    said = read_content(SAMPLE.read_bytes())
    _feed_back(row, date(2026, 5, 15), [_as_begun(problem) for problem in said.problems], ledger_on=TAKEN_OVER_ON)
    _extend(next(each for each in _measures(row) if (each.finding.serial, each.due_on) == EXTENDED[:2]))
    rows = _measures(row)
    done = [each for each in rows if _is_done(each, until)]
    progress = {(problem.serial, each.text): each.progress for problem in said.problems for each in problem.measures}
    _prove(done, until=until, said=progress)
    _settle(row, until)
    _report_months(row, until, progress)


def _as_begun(problem: ProblemRow) -> ProblemRow:
    """As the ledger stood when it was drawn up: nothing done yet."""
    begun = [replace(each, completion="undone", progress="") for each in problem.measures]
    return replace(problem, measures=begun)


def _is_done(measure: Measure, until: date) -> bool:
    serial = measure.finding.serial
    if (serial, measure.due_on) in LATE or (serial, measure.due_on) == EXTENDED[::2]:
        return False
    return due_day(measure, measure.finding.round) <= until and (measure.term != Measure.Term.LONG or serial != 29)


def _extend(measure: Measure) -> None:
    with standing_at(moment(date(2026, 11, 10))):
        asked = measures.ask_extension(
            measure,
            by=_liaison(measure.lead),
            to=EXTENDED[2],
            reason="采购平台接口升级排在十二月中旬，升级后才能验收。",
        )
        measures.decide_extension(asked, by=_officer(), grants=True)


def _settle(row: Round, until: date) -> None:
    """Problems whose measures are all done go their ways; each step on its own day."""
    ready = [one for one in row.findings.order_by("serial") if not closing.lacking_for_closing(one)]
    for number, finding in enumerate(ready):
        day = date(2026, 10, 19) + timedelta(days=number % 4)
        if finding.serial in REVIEWING:
            _step(finding, "apply", day)
        elif finding.serial in VERIFYING:
            _close(finding, day, "")
        elif finding.serial in RETURNED:
            _close(finding, day, "send_back")
        else:
            _close(finding, day, "keep_up" if finding.serial in LONG_TERM else "close")
    follow_up.recheck(row, REBOUNDED, until)


# ── 校内巡察 ─────────────────────────────────────────────────────────────────────────────────


def _college_inspected(until: date) -> None:
    """Our college: one problem closed, one waiting for its secretary, one to be done next month."""
    if until < date(2026, 9, 25):
        return
    row = _round(
        date(2026, 6, 8), "2026年校内巡察", (OUR_COLLEGE, "金融管理学院"),
        starts_on=date(2026, 6, 15), ends_on=date(2026, 7, 10),
    )  # fmt: skip
    problems = [
        _problem(number, OUR_COLLEGE, text, words, day, kind)
        for number, (text, words, day, kind) in enumerate(COLLEGE, 1)
    ]
    problems.append(
        _problem(4, "金融管理学院", "校企合作协议归档不及时", "清理存量协议并统一归档。", date(2026, 11, 27))
    )
    _feed_back(row, date(2026, 9, 15), problems)
    _report_months(row, until)
    _prove([each for each in _measures(row) if each.finding.serial != 3], until=min(until, date(2026, 11, 6)))
    closed, reviewing, _, other = row.findings.order_by("serial")
    _close(closed, date(2026, 11, 9), "close", until)
    _close(other, date(2026, 11, 11), "", until)
    if until >= date(2026, 11, 18):
        _step(reviewing, "apply", date(2026, 11, 18))
    follow_up.tell_the_public(row, date(2026, 11, 19), "江海党巡通〔2026〕1号", reviewing, until, by=_officer())


# ── 专项巡察 ─────────────────────────────────────────────────────────────────────────────────


def _special_at_work(until: date) -> None:
    """A team in its second week, and what it has found so far."""
    if until < date(2026, 11, 9):
        return
    row = _round(
        date(2026, 10, 20), "科研经费管理使用专项巡察", ("科研处", "财务处", "统计与信息学院"), kind=Round.Kind.SPECIAL,
        key_area="科研经费", scope="横向课题经费、劳务费发放、设备采购验收", starts_on=date(2026, 11, 9), ends_on=date(2026, 12, 18),
    )  # fmt: skip
    inspector = Person.objects.get(username="inspector")
    with standing_at(moment(date(2026, 11, 5))):
        team = (
            (_secretary(unit_named("组织部")), "head"),
            (_liaison(unit_named("审计处")), "liaison"),
            (inspector, "member"),
        )
        for person, duty in team:
            rounds.name_member(
                row, by=_officer(), person=person, duty=duty, from_on=row.starts_on, until_on=date(2026, 12, 31)
            )
    with standing_at(moment(row.starts_on)):
        rounds.begin(row, by=_officer())
    found = (
        ("科研处", "横向课题结余经费长期挂账", "抽查近三年横向课题四十项，九项结题后经费未清理。"),
        ("统计与信息学院", "课题劳务费发放审核流于形式", "抽查劳务费发放表二十份，五份没有工作量记录。"),
    )
    for number, (unit, text, symptoms) in enumerate(found):
        day = date(2026, 11, 18 + number)
        if day <= until:
            with standing_at(moment(day, 11)):
                drafting.enter_finding(
                    row, by=inspector, organisation=unit_named(unit), category="科研经费管理", text=text, symptoms=symptoms,
                    implementation="governance",
                )  # fmt: skip


# ── pieces ───────────────────────────────────────────────────────────────────────────────────


def _round(on: date, name: str, units: Iterable[str], *, kind: str = Round.Kind.SCHOOL, **fields) -> Round:
    with standing_at(moment(on)):
        return rounds.plan_round(
            by=_officer(), name=name, kind=kind, units=_units(units), term=Term.objects.get(), **fields
        )


def _problem(number: int, unit: str, text: str, words: str, day: date, kind: str = "建章立制") -> ProblemRow:
    measure = MeasureRow("台账", number, text=words, kinds=(kind,), lead=unit, term=Day(day))
    return ProblemRow(
        "台账", number, number, category="全面从严治党责任落实方面", text=text, goal="问题见底，制度管用。",
        implementation="governance", measures=[measure],
    )  # fmt: skip


def _feed_back(row: Round, on: date, problems: Sequence[ProblemRow], *, ledger_on: date | None = None) -> None:
    """反馈, and a week later the ledger stands, or when the system takes it over."""
    with standing_at(moment(on)):
        rounds.begin(row, by=_officer()) if row.stage == Round.Stage.PLANNED else None
        rounds.feed_back(row, by=_officer(), on=on)
    row.refresh_from_db()
    with standing_at(moment(ledger_on or on + timedelta(days=7))):
        plan = ledger.Planner(row, Book(problems=list(problems))).make()
        ledger.write(row, plan, by=_officer(), reason="导入台账")


def _report_months(row: Round, until: date, words: dict | None = None) -> None:
    """月报 of each month that is over, by the liaison, with the secretary's word."""
    for report in row.progress_reports.filter(duty__due_on__lte=until, duty__state="open").select_related(
        "duty", "organisation"
    ):
        on = report.duty.due_on
        said = {measure.pk: _said(measure, on, words or {}) for measure in monthly.measures_of(report)}
        with standing_at(moment(on, 10)):
            filed = monthly.file_report(report, by=_liaison(report.organisation), said=said)
        with standing_at(moment(on, 15)):
            decide(filed.record, "accept", by=_secretary(report.organisation))


def _measures(row: Round) -> list[Measure]:
    rows = Measure.objects.filter(finding__round=row).select_related(
        "finding__round", "lead", "duty__organisation", "duty__obligation", "duty__owner"
    )
    return list(rows.order_by("finding__serial", "rank"))


def _prove(rows: Sequence[Measure], *, until: date, said: dict | None = None) -> None:
    """Proof of each, in before its day, by the liaison and with the secretary's word; a paper lies with it."""
    act = ActKind.objects.get(code=measures.ACT)
    deeds = _numbered([_deed(number, each, act, until, said or {}) for number, each in enumerate(rows)])
    for measure, deed, record in zip(rows, deeds, write(deeds), strict=True):
        name = f"{measure.finding.number}佐证材料.pdf"
        file = files.pdf(name, files.page(deed.title, deed.happened_on, deed.content))
        with standing_at(deed.entered_at):
            keep(record, file, Examined(file.name, extension_of(file.name)), by=deed.entered_by)
        _done(measure, deed)


def _numbered(deeds: list[Deed]) -> list[Deed]:
    """当日第几次: several measures of one unit may be done on one day."""
    times: Counter = Counter()
    numbered = []
    for deed in deeds:
        times[deed.organisation.pk, deed.happened_on] += 1
        numbered.append(replace(deed, sitting=times[deed.organisation.pk, deed.happened_on]))
    return numbered


def _deed(number: int, measure: Measure, act: ActKind, until: date, said: dict) -> Deed:
    first = measure.finding.round.feedback_on + timedelta(days=8)
    day = _workday(max(min(due_day(measure, measure.finding.round) - timedelta(days=14 + number % 5), until), first))
    is_late = bool(said) and day < TAKEN_OVER_ON
    entered = TAKEN_OVER_ON + timedelta(days=1 + number % 3) if is_late else day
    words = said.get((measure.finding.serial, measure.text)) or f"{measure.text.rstrip('。')}，已经完成并开展检查。"
    return Deed(
        act=act,
        organisation=measure.lead,
        work_year=measure.duty.work_year_id,
        title=f"整改措施落实：{measure.text}"[:120],
        content=words,
        happened_on=day,
        entered_at=moment(entered, 9 + number % 7, number % 60),
        entered_by=_liaison(measure.lead, entered),
        decided_by=_secretary(measure.lead, entered),
        decided_at=moment(entered, 16, number % 60),
        late_reason="台账由纸质和表格转入系统，材料集中补录。" if is_late else "",
        duties=[measure.duty],
    )


def _workday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _done(measure: Measure, deed: Deed) -> None:
    for kind in measure.kind_list:
        result = KindResult(measure=measure, kind=kind, text=f"{kind}：{deed.content}"[:300])
        signed(result, deed.entered_by, deed.entered_at, "填写分类成效").save()
    measure.progress, measure.completion = deed.content, Measure.Completion.DONE
    signed(measure, deed.entered_by, deed.entered_at, "完成措施，提交佐证").save()


def _said(measure: Measure, on: date, words: dict) -> monthly.Said:
    told = words.get((measure.finding.serial, measure.text), "")
    general = f"{on.month}月：已完成调研和初稿，正在征求意见、修改完善。"
    return monthly.Said(
        told if len(told) >= 10 else general, is_mostly_done=bool(measure.due_on and measure.due_on <= on)
    )


def _close(finding: Finding, day: date, last: str, until: date | None = None) -> None:
    """Applied for, reviewed two days later, decided after a week."""
    days = day, day + timedelta(days=2), day + timedelta(days=7)
    for name, on in zip(("apply", "review", last), days, strict=True):
        if name and (until is None or on <= until):
            _step(finding, name, on)


def _step(finding: Finding, name: str, on: date) -> None:
    who = {"apply": _liaison, "review": _secretary}.get(name)
    reasons = {
        "send_back": "缺少就业回访的原始记录，请补充后重新申请。",
        "keep_up": "需要长期坚持，每半年复核一次执行情况。",
    }
    with standing_at(moment(on, 15)):
        closing.perform(
            finding,
            name,
            by=who(finding.organisation) if who else _verifier(finding),
            reason=reasons.get(name, ""),
            review_on=on + timedelta(days=180) if name == "keep_up" else None,
        )


def _told(lessons: dict) -> list[tuple[str, str, str]]:
    return [(unit, text, words) for unit, told in lessons.items() for text, words in told]


def _units(names: Iterable[str]) -> list[Organisation]:
    return [unit_named(name) for name in names]


def _officer() -> Person:
    """巡察办主任. Fresh each time: grants are cached on a person."""
    return _holder(Post.objects.get(role=Role.INSPECTION_OFFICE))


def _verifier(finding: Finding) -> Person:
    """What 巡察办 itself has mended, the commission looks at."""
    officer = _officer()
    own = officer.tenures.filter(post__organisation=finding.organisation).exists()
    return Person.objects.get(username="discipline") if own else officer


def _liaison(unit: Organisation, on: date | None = None) -> Person:
    return _holder(unit.posts.get(role=Role.LIAISON), on)


def _secretary(unit: Organisation, on: date | None = None) -> Person:
    return _holder(unit.posts.get(role=Role.UNIT_SECRETARY), on)


def _holder(post: Post, on: date | None = None) -> Person:
    """In office on the day, or on the day the story stands at."""
    return Tenure.objects.in_office(on or timezone.localdate()).get(post=post).person
