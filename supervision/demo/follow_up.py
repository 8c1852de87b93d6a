"""销号抽查和整改通报的演示: what was closed is looked at again; what was mended is told (三（四）1)."""

from datetime import date

from accountability.models import Person
from accountability.services import jobs
from inspections.models import Finding, ProgressNotice, Round
from inspections.models.progress_notices import Scope, Withholding
from inspections.models.rechecks import RecheckItem
from inspections.services import progress_notices, rechecks, withholding
from supervision.demo.clock import moment, standing_at

Result = RecheckItem.Result
DRAWN_ON, LOOKED_ON, CONCLUDED_ON, DRAWN_AGAIN_ON = (
    date(2026, 11, 11),
    date(2026, 11, 17),
    date(2026, 11, 19),
    date(2026, 11, 19),
)
SEED, AGAIN = "2026-11-11-1", "2026-11-19-1"
REAL_WORDS = "查阅原始材料并随机询问经办人员，整改措施已经执行，与销号材料一致。"
PARTIAL_WORDS = "制度已经印发，抽查近三个月材料，执行记录有两处缺失。"
FALSE_WORDS = "抽查报销凭证三十份，又发现两份附件不全，与销号材料所述不一致。"
PHONE, POST_BOX, MAIL = "0571-80000000", "江海市学府路 1 号党委巡察办", "xcb@example.edu.cn"


def recheck(row: Round, false: int, until: date) -> None:
    """Four of the closed problems of the round; problem number ``false`` was closed on paper only."""
    if until < CONCLUDED_ON:
        return
    commission = Person.objects.get(username="discipline")
    with standing_at(moment(DRAWN_ON)):
        drawn = rechecks.draw_recheck(by=commission, size=4, seed=SEED, round=row)
    items = drawn.items.select_related("finding__round", "finding__organisation").order_by("rank")
    for place, item in enumerate(items):
        with standing_at(moment(LOOKED_ON, 9 + place)):
            _look(item, false, is_first=place == 0, by=commission)
    with standing_at(moment(CONCLUDED_ON, 15)):
        rechecks.conclude(drawn, by=commission)


def _look(item: RecheckItem, false: int, *, is_first: bool, by: Person) -> None:
    result, words = (Result.PARTIAL, PARTIAL_WORDS) if is_first else (Result.REAL, REAL_WORDS)
    if item.finding.serial == false:
        result, words = Result.FALSE, FALSE_WORDS
    rechecks.record_result(
        item,
        by=by,
        result=result,
        words=words,
        checked_on=LOOKED_ON,
        place=f"{item.finding.organisation.name}办公室",
        requirement="补齐执行记录，十日内报巡察办。" if result == Result.PARTIAL else "",
    )
    if result == Result.FALSE:
        rechecks.reopen(item, by=by, reason=f"销号抽查认定虚假销号：{words}")


def recheck_last_year(row: Round, checker: Person, until: date) -> None:
    """Two of last year's, drawn and not looked at yet."""
    if until < DRAWN_AGAIN_ON:
        return
    commission = Person.objects.get(username="discipline")
    with standing_at(moment(DRAWN_AGAIN_ON, 16)):
        drawn = rechecks.draw_recheck(by=commission, size=2, seed=AGAIN, round=row)
        first = drawn.items.select_related("finding__organisation").order_by("rank")[0]
        rechecks.name_checker(first, by=commission, person=checker)


def tell_the_party(row: Round, on: date, number: str, *, by: Person) -> None:
    """党内通报, issued."""
    commission = Person.objects.get(username="discipline")
    with standing_at(moment(on)):
        notice = _drafted(row, Scope.INSIDE, on, number, by=by)
        progress_notices.perform(notice, "propose", by=by)
    with standing_at(moment(on, 14)):
        progress_notices.perform(notice, "approve", by=commission)
    with standing_at(moment(on, 15)):
        jobs.run(progress_notices.perform(notice, "issue", by=by).job_id)


def tell_the_public(row: Round, on: date, number: str, hidden: Finding, until: date, *, by: Person) -> None:
    """社会公开, waiting for the commission's word; one problem is withheld."""
    if until < on:
        return
    with standing_at(moment(on)):
        withholding.withhold(
            [hidden], by=by, scopes=[Scope.PUBLIC], parts=[Withholding.Part.PROBLEM],
            category=Withholding.Category.UNDER_WAY, reason="相关事项正在核查，核查结束后再公开。",
        )  # fmt: skip
        notice = _drafted(row, Scope.PUBLIC, on, number, by=by)
        progress_notices.perform(notice, "propose", by=by)


def _drafted(row: Round, scope: str, on: date, number: str, *, by: Person) -> ProgressNotice:
    notice = progress_notices.make(row, by=by, scope=scope, as_of=on)
    blanks = {"联系电话：": PHONE, "邮政信箱：": POST_BOX, "电子邮箱：": MAIL}
    contact = "\n".join(line + blanks.get(line, "") for line in notice.contact.splitlines())
    free = {name: getattr(notice, name) for name in ("opening", "organising", "plans")}
    return progress_notices.edit(notice, by=by, title=notice.title, number=number, contact=contact, **free)
