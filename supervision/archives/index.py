"""档案目录中本系统已有的内容: posts, signed papers, 述责述廉, duties, rectification, hand-overs (二（二）, 四（四）).

Each is read from the rows themselves on the day the archive is opened.
"""

from datetime import date

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from accountability.ledger import LedgerFilter
from accountability.models import Document, Duty, HandOver, Person, Record, Role, Signature, Tenure
from inspections.models import Measure
from supervision.archives.lines import Line, archive_line

PLEDGES = ("integrity-pledge", "responsibility-plan", "project-letter", "responsibility-letter")
DEBRIEFS = ("debrief", "democratic-life-report")
MEASURES_AT_MOST = 20


def _tenures(person: Person) -> list[Tenure]:
    held = Tenure.objects.filter(person=person).select_related("post__organisation__parent")
    return list(held.order_by("-started_on", "-pk"))


def tenures(person: Person, on: date) -> list[Line]:
    return [
        Line(
            one.started_on,
            f"{one.post.full_title}{'（主持工作）' if one.is_acting else ''}，"
            f"{f'任至 {one.ended_on}' if one.ended_on else '在任'}",
            reverse("organisation", args=[one.post.organisation_id]),
        )
        for one in _tenures(person)
    ]


def _in_office(person: Person, post: str, day: str) -> Q:
    """Of his posts, while he held them."""
    during = Q(pk__in=[])
    for one in _tenures(person):
        within = Q(**{post: one.post_id, f"{day}__gte": one.started_on})
        during |= within & Q(**{f"{day}__lte": one.ended_on}) if one.ended_on else within
    return during


def _headed(person: Person) -> Q:
    """责任书 of the unit whose secretary he was: the unit's record, his signature."""
    headed = Q(pk__in=[])
    for one in _tenures(person):
        if one.post.role == Role.UNIT_SECRETARY:
            unit = Q(organisation=one.post.organisation_id, post=None, happened_on__gte=one.started_on)
            headed |= unit & Q(happened_on__lte=one.ended_on) if one.ended_on else unit
    return headed


def signed(person: Person, on: date) -> list[Line]:
    """承诺书、计划书、项目书、责任书: signed here, or recorded as signed on paper."""
    signatures = (
        Signature.objects.filter(person=person, document__kind__act__code__in=PLEDGES)
        .exclude(capacity=Signature.Capacity.SECRETARY)
        .exclude(document__state=Document.State.WITHDRAWN)
        .select_related("document")
        .order_by("-signed_at")
    )
    lines = [
        Line(timezone.localdate(one.signed_at), one.document.title, reverse("document", args=[one.document_id]))
        for one in signatures
    ]
    own = _in_office(person, "post", "happened_on") | _headed(person)
    on_paper = Record.objects.accepted().filter(own, act__code__in=PLEDGES, document=None)
    lines += [Line(one.happened_on, one.title, reverse("record", args=[one.pk])) for one in on_paper]
    return sorted(lines, key=lambda line: line.day, reverse=True)


def debriefs(person: Person, on: date) -> list[Line]:
    records = Record.objects.accepted().filter(_in_office(person, "post", "happened_on"), act__code__in=DEBRIEFS)
    return [Line(one.happened_on, one.title, reverse("record", args=[one.pk])) for one in records]


STATES = {"done_in_time": "按期完成", "done_late": "逾期完成", "late": "已逾期未完成"}


def duties(person: Person, on: date) -> list[Line]:
    """His posts' duties by year, each count the rows of the ledger under its address."""
    held = _tenures(person)
    by_post = (
        Duty.objects.owed()
        .filter(owner__in=[one.post_id for one in held])
        .order_by()
        .values("owner", "work_year")
        .annotate(
            done_in_time=Count("pk", filter=Q(state=Duty.State.FULFILLED, fulfilled_on__lte=F("due_on"))),
            done_late=Count("pk", filter=Q(state=Duty.State.FULFILLED, fulfilled_on__gt=F("due_on"))),
            late=Count("pk", filter=Q(state=Duty.State.OPEN, due_on__lt=on)),
        )
        .order_by("-work_year_id", "owner__rank")
    )
    titles = {one.post_id: one.post.full_title for one in held}
    lines = []
    for row in by_post:
        year = row["work_year"]
        if not any(_overlaps(one, year) for one in held if one.post_id == row["owner"]):
            continue
        for state, label in STATES.items():
            if row[state] or state == "done_in_time":
                url = LedgerFilter(year=year, owner=row["owner"], states=(state,)).url
                lines.append(Line(None, f"{year} 年度 {titles[row['owner']]}：{label} {row[state]} 项", url))
    return lines


def _overlaps(tenure: Tenure, year: int) -> bool:
    return tenure.started_on.year <= year and (tenure.ended_on is None or tenure.ended_on.year >= year)


def rectification(person: Person, on: date) -> list[Line]:
    """整改措施 he leads or answers for in the posts he holds."""
    posts = Tenure.objects.in_office(on).filter(person=person).values("post")
    rows = Measure.objects.filter(Q(owner__in=posts) | Q(leader__in=posts)).order_by("-due_on", "-pk")
    measures = list(rows[: MEASURES_AT_MOST + 1])
    lines = [
        Line(one.due_on, f"{one.get_completion_display()}：{one.text[:60]}", reverse("measure", args=[one.pk]))
        for one in measures[:MEASURES_AT_MOST]
    ]
    if len(measures) > MEASURES_AT_MOST:
        lines.append(Line(None, f"只列最近 {MEASURES_AT_MOST} 条，共 {rows.count()} 条"))
    return lines


def handovers(person: Person, on: date) -> list[Line]:
    rows = HandOver.objects.filter(Q(giver=person) | Q(taker=person)).select_related("post__organisation__parent")
    return [
        Line(
            one.on,
            f"{'移交' if one.giver_id == person.pk else '接收'}{one.post.full_title}工作（{one.state_words}）",
            reverse("handover", args=[one.pk]),
        )
        for one in rows
    ]


archive_line(10, "任职", tenures)
archive_line(20, "承诺书和责任书", signed)
archive_line(30, "述责述廉", debriefs)
archive_line(40, "责任落实", duties)
archive_line(50, "承担的整改措施", rectification)
archive_line(60, "工作交接", handovers)
