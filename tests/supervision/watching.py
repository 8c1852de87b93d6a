"""What tests of supervision stand on: a supervision recorded, a check, an evaluation, clues sent and handed in."""

from datetime import date

from accountability.models import Organisation, Person, Post, Role
from inspections.models import Reply
from supervision.models import CheckUnit, Clue, ClueItem, FoundProblem, Oversight, Secret, SpecialCheck
from supervision.services import checks, clue_items, clues, evaluations, found_problems
from supervision.services import oversight as oversights
from supervision.services.admissions import admit
from tests import acts, cast

DUE = date(2026, 12, 18)
ITEMS = ("责任分解是否明确。", "项目落实是否到位。", "履行是否协同。")


def fresh(person: Person) -> Person:
    """What a new request would load: grants and admissions are read once per object."""
    return Person.objects.get(pk=person.pk)


def body(name: str = "学校纪委") -> Organisation:
    return Organisation.objects.get(name=name)


def commission_head() -> Person:
    """纪委书记: another of the commission, besides the one who signs in as ``discipline``."""
    return Person.objects.get(tenures__post__role=Role.DISCIPLINE, tenures__post__organisation__kind="commission")


def oversight(by: Person, *units: str, where: str = "学校纪委", **facts) -> Oversight:
    values = {
        "kind": Oversight.Kind.DAILY,
        "source": "discipline",
        "happened_on": date(2026, 11, 18),
        "did": "查阅会议记录和报销凭证，与经办人谈话。",
        "findings": "部分公务接待没有审批单。",
        "feedback": "请在年底前补齐接待审批手续。",
    } | facts
    organisations = [cast.organisation(unit) for unit in units or (cast.OURS,)]
    return oversights.record_oversight(by=by, body=body(where), units=organisations, work_year=cast.YEAR, **values)


def problem(row: Oversight, by: Person, unit: str = cast.OURS) -> FoundProblem:
    text = "三次公务接待没有事前审批单，陪餐人数超出标准。"
    return found_problems.note_problem(row, by=by, organisation=cast.organisation(unit), category="conduct", text=text)


def asked(row: FoundProblem, by: Person, **facts) -> FoundProblem:
    values = {"title": "整改公务接待审批问题", "text": "逐笔核对今年公务接待，补齐审批并明确责任人。", "due_on": DUE}
    return found_problems.ask(row, by=by, **(values | facts))


def reply_of(row: FoundProblem) -> Reply:
    return Reply.objects.select_related("duty", "organisation").get(requirement=row.requirement)


def check(by: Person, *units: str, begun: bool = True, team=(), **facts) -> SpecialCheck:
    values = {
        "name": "四责协同运行专项检查",
        "kind": Oversight.Kind.MECHANISM,
        "source": "discipline",
        "plan": "抽查四个单位，查台账、看现场、谈责任人。",
        "starts_on": date(2026, 11, 16),
        "ends_on": date(2026, 11, 27),
        "items": ITEMS,
    } | facts
    organisations = [cast.organisation(unit) for unit in units or (cast.OURS, cast.THEIRS)]
    row = checks.plan_check(by=by, work_year=cast.YEAR, units=organisations, team=team, **values)
    return checks.perform(row, "begin", by=by) if begun else row


def unit_of(row: SpecialCheck, unit: str = cast.OURS) -> CheckUnit:
    return CheckUnit.objects.select_related("special_check", "organisation").get(
        special_check=row, organisation__name=unit
    )


def answered(unit: CheckUnit, by: Person, *values: str) -> None:
    """One value per item: yes, no, na."""
    items = unit.special_check.items.values_list("pk", flat=True)
    told = {
        pk: (value, "" if value == "yes" else "台账不全，责任人没有写明。")
        for pk, value in zip(items, values, strict=False)
    }
    checks.answer(unit, by=by, answers=told)


def concluded(row: SpecialCheck, by: Person) -> SpecialCheck:
    for unit in row.units.select_related("special_check", "organisation"):
        answered(unit, by, "yes", "no", "na")
    return checks.conclude(row, by=by, findings="个别单位责任人不明确。", feedback="请对照各项结果整改。")


def evaluation(by: Person, author: Person, unit: str = cast.OURS, **facts):
    """Of a record the unit's secretary filed himself."""
    record = acts.record(author, cast.organisation(unit), "duty-report", on=date(2026, 11, 6))
    return evaluations.evaluate(record, by=by, **({"grade": "mend", "words": "内容与去年雷同，请补充数据。"} | facts))


def admit_to_clues(people) -> Person:
    """``discipline`` knows clues from now on; a fresh object, as a new request would load it."""
    admit(by=people["secretary"], person=people["discipline"], secret=Secret.CLUE, reason="分管线索工作")
    return fresh(people["discipline"])


def post_in(unit: str, role: str = Role.DEPARTMENT) -> Post:
    return Post.objects.select_related("organisation").get(organisation__name=unit, role=role)


WORDS = "反映某单位劳务费发放审核不严，请协助了解制度执行情况。"
ASKED = "提供近两年劳务费发放制度和抽查情况"


def to(*units: str, **facts) -> list[clues.Asked]:
    values = {"asked": ASKED, "due_on": DUE} | facts
    return [clues.Asked(post_in(unit), **values) for unit in units or ("财务处",)]


def sent(by: Person, *units: str, **facts) -> Clue:
    values = {"source": "petition", "category": "money", "words": WORDS, "reason": "职责所在，需要核实"} | facts
    return clues.send(by=by, asked=to(*units), **values)


def handed_in(by: Person, **facts) -> Clue:
    values = {"source": "finance", "category": "money", "words": "报销中发现同一票据多次出现，建议纪委了解。"} | facts
    return clues.hand_in(by=fresh(by), post=clues.posts_to_hand_in(fresh(by))[0], **values)


def item_of(clue: Clue, unit: str = "财务处") -> ClueItem:
    return ClueItem.objects.select_related("clue", "person", "post").get(clue=clue, post__organisation__name=unit)


def answer(item: ClueItem, by: Person, text: str = "劳务费办法已执行，抽查二十笔未见异常。", **more) -> ClueItem:
    return clue_items.answer(item, by=by, text=text, **more)
