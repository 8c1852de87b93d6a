"""What tests of talks stand on: somebody admitted, a talk arranged, held, confirmed, reported on; an entry of the register."""

from datetime import date

from accountability.models import Person, Tenure
from supervision.models import FollowUp, FormEntry, FormMeasure, Talk
from supervision.services import four_forms, talk_reports, talks
from supervision.services.admissions import admit
from tests import cast

SECRET_WORDS = "值班表连续两周由一人代签"
ISSUES = "值班记录由一人代签，与实际不符。"
SAID = "情况属实，是我没有安排好，马上纠正。"
REQUIRED = "一个月内改为现场签到并书面报告。"


def tenure_of(person: Person) -> Tenure:
    return Tenure.objects.in_office(cast.TODAY).get(person=person)


def admitted(people, secret: str = "talk") -> Person:
    """纪委的同志, named by the secretary; a fresh object, since admissions are read once."""
    admit(by=people["secretary"], person=people["discipline"], secret=secret, reason="分管这项工作")
    return Person.objects.get(pk=people["discipline"].pk)


def arranged(by: Person, person: Person, **facts) -> Talk:
    values = {"kind": "remind", "matter": "conduct", "words": SECRET_WORDS, "due_on": date(2026, 11, 30)} | facts
    return talks.enter(by=by, tenure=tenure_of(person), **values)


def held(talk: Talk, by: Person, **facts) -> Talk:
    values = {
        "held_on": cast.TODAY,
        "place": "书记办公室",
        "recorder": "秦文舒",
        "issues": ISSUES,
        "said": SAID,
        "requirements": REQUIRED,
        "report_by": date(2026, 12, 23),
    } | facts
    return talks.hold(talk, by=by, **values)


def confirmed(talk: Talk, by: Person, words: str = "") -> Talk:
    return talks.confirm(talk, by=by, words=words)


def reported(talk: Talk, by: Person, words: str = "已改为现场签到，分管副院长每周抽查。") -> FollowUp:
    return talk_reports.report(talk, by=by, words=words)


def in_full(people) -> Talk:
    """By the secretary with the head of our college, confirmed, a report owed."""
    talk = held(arranged(people["secretary"], people["unit_secretary"]), people["secretary"])
    return confirmed(talk, people["unit_secretary"])


def measure(code: str = "admonition") -> FormMeasure:
    return FormMeasure.objects.get(code=code)


def entry(
    by: Person, person: Person | None = None, *, unit: str = cast.OURS, code: str = "admonition", **facts
) -> FormEntry:
    values = {
        "target": "person",
        "person": person,
        "person_name": "" if person else "万俟青",
        "organisation": cast.organisation(unit),
        "measure": measure(code),
        "decided_by": "中共江海经贸大学纪律检查委员会",
        "decided_on": date(2026, 10, 9),
        "document_number": f"江海经贸纪〔2026〕{FormEntry.objects.count() + 1}号",
    } | facts
    return four_forms.enter(by=by, **values)
