"""一单三书的演示: one evaluated, one found wanting, one escalated and then answered late, one about a person, a draft (三（二）1)."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from accountability.models import Duty, Role
from accountability.services import jobs
from supervision.demo import files
from supervision.demo.accounts import OUR_COLLEGE
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import holder_at, person_of, unit_named
from supervision.models import Letter, LetterMatter
from supervision.services import letter_answers, letters

ORDER, ADVICE, INFORM = Letter.Kind.ORDER, Letter.Kind.ADVICE, Letter.Kind.INFORM
LATE_UNIT, DEPARTMENT = "外国语学院", "财务处"


def lay(until: date) -> None:
    """Everything whose day has come by ``until``."""
    scenes: list[tuple[date, Callable[[], object]]] = [
        (date(2026, 9, 21), _advise),
        (date(2026, 10, 12), _department_answers),
        (date(2026, 10, 13), _satisfied),
        (date(2026, 10, 19), _order_the_late),
        (date(2026, 11, 9), _order_ours),
        (date(2026, 11, 12), _we_answer),
        (date(2026, 11, 13), _found_wanting),
        (date(2026, 11, 16), _inform),
        (date(2026, 11, 18), _escalate),
        (date(2026, 11, 20), _draft),
        (date(2026, 11, 20), _late_unit_answers),
    ]
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 16, 20)):
                scene()


def _duty(unit: str, act: str) -> Duty | None:
    rows = Duty.objects.of_year(2026).filter(organisation__name=unit, obligation__acts__code=act, bearer_post=None)
    return rows.select_related("organisation").order_by("occurrence").first()


def _issue(unit: str, kind: str, subject: str, *matters: dict, **more) -> Letter:
    """Drafted in the morning, signed in the afternoon."""
    commission, secretary = person_of("discipline"), person_of("secretary")
    with standing_at(moment(timezone.localdate(), 10, 5)):
        letter = letters.draft(
            by=commission, recipient=unit_named(unit), matters=matters, kind=kind, subject=subject, **more
        )
    with standing_at(moment(timezone.localdate(), 11, 30)):
        letters.perform(letter, "propose", by=commission, signer=secretary)
    letter = letters.perform(letter, "sign", by=secretary)
    jobs.run(letter.job_id)
    return letter


def _acknowledge(letter: Letter) -> None:
    with standing_at(moment(timezone.localdate(), 17, 10)):
        letters.acknowledge(letter, by=holder_at(letter.recipient.name, Role.UNIT_SECRETARY))


def _to(unit: str, kind: str) -> Letter:
    return Letter.objects.filter(recipient__name=unit, kind=kind).earliest("pk")


def _matter(unit: str, kind: str, rank: int = 1) -> LetterMatter:
    return LetterMatter.objects.get(letter=_to(unit, kind), rank=rank)


def _advise() -> None:
    matter = {
        "text": "日常监督发现，各学院劳务费发放表格式不一，经办人、审核人签字栏设置不统一，事后难以核对。",
        "basis": "学校劳务酬金管理办法",
        "asked": "统一发放表格式，明确审核要点，十月底前印发执行。",
        "due_on": date(2026, 10, 16),
    }
    _acknowledge(_issue(DEPARTMENT, ADVICE, "统一劳务费发放审核", matter))


def _department_answers() -> None:
    text = "已修订劳务费发放表，增设经办、复核、审批三栏，审核要点随表印发；在财务系统中停用旧表，组织学院财务人员培训一次。"
    paper = files.pdf("劳务费发放表.pdf", files.page("劳务费发放表（修订）", date(2026, 10, 10), text))
    by = holder_at(DEPARTMENT, Role.UNIT_SECRETARY)
    letter_answers.answer(_matter(DEPARTMENT, ADVICE), by=by, text=text, files=[paper])


def _satisfied() -> None:
    matter = _matter(DEPARTMENT, ADVICE)
    letter_answers.evaluate(matter, by=person_of("discipline"), grade="good", words="措施具体，已经执行。")


def _order_the_late() -> None:
    matter = {
        "text": "监督检查发现，两个学期以来学院班子成员听取分管工作廉政情况没有记录，询问时不能说明时间和内容。",
        "basis": "“四责协同”实施办法三（三）2",
        "asked": "补齐记录，说明原因，明确今后由谁负责记录和归档。",
        "due_on": date(2026, 11, 6),
    }
    _acknowledge(_issue(LATE_UNIT, ORDER, "班子成员履责记录缺失", matter))


def _order_ours() -> None:
    duty = _duty(OUR_COLLEGE, "risk-self-check")
    first = {
        "text": f"会计学院廉政风险点自查{f'（责任事项 {duty.number}）' if duty else ''}只列问题，没有写明整改责任人。",
        "basis": "“四责协同”实施办法三（四）2",
        "asked": "逐项明确整改责任人和完成时限，报纪委办公室。",
        "due_on": date(2026, 11, 27),
        "source_duty": duty,
    }
    second = {
        "text": "学生评优公示时间少于规定的五个工作日，抽查三次有两次不足。",
        "basis": "学校学生评奖评优办法",
        "asked": "说明原因，提出防止再次发生的办法。",
        "due_on": date(2026, 12, 11),
    }
    _acknowledge(_issue(OUR_COLLEGE, ORDER, "风险自查不实、评优公示不足", first, second))


def _we_answer() -> None:
    text = "自查发现的两个问题均已整改：报销附件由系主任复核，验收由两人签字。"
    letter_answers.answer(_matter(OUR_COLLEGE, ORDER), by=person_of("unit_secretary"), text=text)


def _found_wanting() -> None:
    words = "没有写明完成时限，也没有附整改后的材料，请补充。"
    matter = _matter(OUR_COLLEGE, ORDER)
    letter_answers.evaluate(matter, by=person_of("discipline"), grade="poor", words=words, due_on=date(2026, 12, 4))


def _inform() -> None:
    matter = {
        "text": "经核实，在组织生活中两次无故缺席且没有补课，经提醒后仍未改正。",
        "asked": "说明情况，作出书面检查，落实整改措施。",
        "due_on": date(2026, 12, 4),
    }
    _issue(OUR_COLLEGE, INFORM, "组织生活纪律", matter, person=person_of("branch"))


def _escalate() -> None:
    former = _matter(LATE_UNIT, ORDER)
    unit = unit_named(LATE_UNIT)
    letter = _to(LATE_UNIT, ORDER)
    matter = {
        "text": f"{letter.number}第1项应于2026-11-06前答复，至今未答复。",
        "basis": letter.number,
        "asked": "立即答复原文书所列事项，说明逾期原因和责任人。",
        "due_on": date(2026, 11, 30),
        "source_duty": former.duty,
    }
    copied = letters.copies_for(unit).exclude(role=Role.SECRETARY).first() or letters.copies_for(unit).first()
    _issue(LATE_UNIT, ORDER, f"{letter.number}逾期未答复", matter, escalates=former, copied_to=copied)


def _late_unit_answers() -> None:
    """What was asked first, once the leader had a copy: late, and waiting to be evaluated."""
    text = "已补齐两个学期的听取汇报记录，说明了当时没有留存的原因；今后由学院办公室主任记录，每学期末归档。"
    paper = files.pdf("听取汇报记录.pdf", files.page("听取汇报记录", date(2026, 11, 20), text))
    by = holder_at(LATE_UNIT, Role.UNIT_SECRETARY)
    letter_answers.answer(_matter(LATE_UNIT, ORDER), by=by, text=text, files=[paper])


def _draft() -> None:
    matter = {
        "text": "日常监督了解到，学院培训收入与支出的登记分由两人保管，年末核对不及时。",
        "asked": "建立按月核对的办法，明确核对人和复核人。",
        "due_on": date(2026, 12, 18),
    }
    opinion = {"kind": Letter.Kind.OPINION, "subject": "培训收入登记核对"}
    letters.draft(by=person_of("discipline"), recipient=unit_named("继续教育学院"), matters=[matter], **opinion)
