"""What tests of the assessment stand on: a scheme approved, an assessment opened, and each of its later states."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from accountability.models import Organisation, Person, Role, Tenure
from supervision.access import admitted
from supervision.models import AccountabilityKind, AccountabilityMeasure, Assessment, AssessmentSheet, Scheme, Secret
from supervision.services import accountability_measures, assessments, schemes, self_assessments
from supervision.services.admissions import admit
from supervision.services.self_assessments import Typed
from tests import acts, cast

SELF_DUE = date(2026, 12, 25)
WORDS = "党委带头部署，分工清楚，问题台账逐项销号，明年重点抓支部。"


def fresh(person: Person) -> Person:
    """What a new request would load: grants are read once per object."""
    return Person.objects.get(pk=person.pk)


def head_of_commission() -> Person:
    """纪委书记, the second of the commission."""
    held = Tenure.objects.filter(post__organisation__kind="commission", post__role=Role.DISCIPLINE)
    return held.latest("pk").person


def approved(people, kind: str = "unit") -> Scheme:
    scheme = schemes.draft_scheme(by=people["discipline"], year=cast.YEAR, kind=kind)
    schemes.perform(scheme, "propose", by=people["discipline"])
    return schemes.perform(scheme, "approve", by=people["secretary"])


def opened(people, kind: str = "unit") -> Assessment:
    return assessments.open_assessment(approved(people, kind), by=people["discipline"], self_due_on=SELF_DUE)


def sheet_of(assessment: Assessment, unit: str = cast.OURS) -> AssessmentSheet:
    return assessment.sheets.get(organisation=cast.organisation(unit))


def sheet_for(assessment: Assessment, person: Person) -> AssessmentSheet:
    return assessment.sheets.get(person=person)


def line_of(sheet: AssessmentSheet, title: str):
    return sheet.lines.select_related("item", "sheet__assessment__scheme__work_year").get(item__title=title)


def as_counted(sheet: AssessmentSheet, *, but: dict | None = None, words: str = "情况属实。") -> dict[int, Typed]:
    """Every item scored as the system has it, and in full where people score; ``but`` names others by title."""
    typed = {}
    for line in sheet.lines.select_related("item").filter(item__points__gt=0):
        points = line.item.points if line.system_points is None else line.system_points
        typed[line.pk] = Typed(Decimal((but or {}).get(line.item.title, points)), words)
    return typed


def self_assessed(sheet: AssessmentSheet, by: Person, act: str = "confirm", **but) -> AssessmentSheet:
    return self_assessments.write_self(sheet, by=by, typed=as_counted(sheet, but=but.get("but")), words=WORDS, act=act)


def reviewed(assessment: Assessment, people, *, but: dict[str, dict] | None = None) -> Assessment:
    """Every sheet reviewed: by the commission's officer, his own unit and chief by the other of the two."""
    assessment = assessments.perform(assessment, "review", by=people["discipline"])
    officer, chief = (admitted_one(people, one) for one in (people["discipline"], head_of_commission()))
    for sheet in assessment.sheets.select_related("organisation", "person"):
        by = chief if self_assessments.refusal_to_review(sheet, officer) else officer
        typed = as_counted(sheet, but=(but or {}).get(sheet.name))
        self_assessments.review(sheet, by=by, typed=typed)
    return assessment


def published(people, kind: str = "unit", **more) -> Assessment:
    assessment = reviewed(opened(people, kind), people, **more)
    return assessments.perform(
        assessment, "publish", by=people["discipline"], objections_until=cast.TODAY + timedelta(days=7)
    )


def frozen(people, clock, kind: str = "unit") -> Assessment:
    """As on the ninth day; the clock stays there."""
    assessment = published(people, kind)
    clock.shift(timedelta(days=8))
    assessments.perform(assessment, "propose", by=people["discipline"])
    return assessments.perform(assessment, "approve", by=people["secretary"])


def admitted_one(people, person: Person) -> Person:
    if not admitted(fresh(person), Secret.MEASURE):
        admit(by=people["secretary"], person=person, secret=Secret.MEASURE, reason="分管问责登记")
    return fresh(person)


def admitted_to_measures(people) -> Person:
    return admitted_one(people, people["discipline"])


def measure_on(
    by: Person,
    *,
    organisation: Organisation | None = None,
    person: Person | None = None,
    kind: str = "circular-organisation",
    **more,
) -> AccountabilityMeasure:
    fields = {
        "reason": "年度责任长期逾期，经督办仍未完成。",
        "decided_by_body": "学校党委",
        "decided_on": date(2026, 11, 10),
        "document_number": "江海委〔2026〕31号",
        "files": [SimpleUploadedFile("处理决定.pdf", acts.PDF)],
    } | more
    return accountability_measures.record_measure(
        by=by, kind=AccountabilityKind.objects.get(code=kind), organisation=organisation, person=person, **fields
    )
