"""What tests of letters stand on: a letter drafted, sent for signature, issued, answered, evaluated."""

from datetime import date, timedelta

from accountability.models import Duty, Person
from supervision.models import Letter, LetterMatter
from supervision.services import letter_answers, letters
from supervision.services.admissions import admit
from tests import cast
from tests.inspections.research import commission_head

DUE = date(2026, 12, 18)
TEXT = "会计学院廉政风险点自查逾期未完成。"
ANSWER = "已补做自查，发现问题两个，均已整改并明确责任人。"

__all__ = ["commission_head"]


def matter(**facts) -> dict:
    return {"text": TEXT, "basis": "三（四）2", "asked": "限期补办并说明原因。", "due_on": DUE} | facts


def drafted(by: Person, unit: str = cast.OURS, *matters: dict, **facts) -> Letter:
    values = {"kind": Letter.Kind.ORDER, "subject": f"{unit}风险自查逾期"} | facts
    rows = list(matters) or [matter()]
    return letters.draft(by=by, recipient=cast.organisation(unit), matters=rows, **values)


def issued(people, unit: str = cast.OURS, *matters: dict, by: Person | None = None, **facts) -> Letter:
    by = by or people["discipline"]
    row = drafted(by, unit, *matters, **facts)
    letters.perform(row, "propose", by=by, signer=people["secretary"])
    return letters.perform(row, "sign", by=people["secretary"])


def informed(people, unit: str = cast.OURS, person: str = "branch", **facts) -> Letter:
    """告知书, drafted by who signs in as ``discipline``."""
    return issued(people, unit, kind=Letter.Kind.INFORM, person=people[person], subject="考勤纪律问题", **facts)


def informed_by(drafter: Person, people) -> Letter:
    """告知书 drafted by another of the commission, so that who signs in as ``discipline`` has no hand in it."""
    return informed(people, by=drafter)


def first(letter: Letter) -> LetterMatter:
    return LetterMatter.objects.whole().select_related("letter").get(letter=letter, rank=1)


def answered(letter: Letter, by: Person, text: str = ANSWER) -> LetterMatter:
    return letter_answers.answer(first(letter), by=by, text=text)


def evaluated(letter: Letter, by: Person, grade: str = "good", **more) -> LetterMatter:
    facts = {"words": "没有写明整改责任人和完成时限。", "due_on": DUE + timedelta(days=10)} if grade == "poor" else {}
    return letter_answers.evaluate(first(letter), by=by, grade=grade, **(facts | more))


def duty_of(letter: Letter) -> Duty:
    return Duty.objects.get(letter_matter__letter=letter, letter_matter__rank=1)


def admitted(people) -> Person:
    """Another of the commission, admitted to the first form."""
    head = commission_head()
    admit(by=people["secretary"], person=head, secret="form", reason="分管第一种形态")
    return Person.objects.get(pk=head.pk)


def form_of(*matters: dict, **facts) -> dict:
    """As a browser posts the letter's form."""
    data = {"kind": "order", "subject": "风险自查逾期", "responsible": "", "copied_to": "", "person": ""} | facts
    rows = matters or (matter(),)
    data |= {"matters-TOTAL_FORMS": len(rows), "matters-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"matters-{number}-{name}": value for name, value in row.items()}
    return data
