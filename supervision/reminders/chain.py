"""提醒与督办: on the page of a duty, which step told whom when, with which paper and its receipt (一（二）, 四（三）)."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.urls import reverse
from django.utils import timezone

from accountability.models import Duty, Notice, Person, step_words
from accountability.offers import Line, Panel, panels
from supervision.models import ReminderPaper, ReminderPaperLine

NAMED = 8  # people of one step; the rest is a number


@panels("duty")
def chain(user: Person, duty: Duty) -> list[Panel]:
    """Nothing for a duty of which nobody was told yet. Who sees the duty sees who was told of it."""
    told = (
        duty.notices.filter(kind=Notice.Kind.REMINDER).select_related("recipient", "duty").order_by("created_at", "pk")
    )
    papers = ReminderPaperLine.objects.filter(duty=duty, paper__in=ReminderPaper.objects.visible_to(user).values("pk"))
    lines = [*_told(told), *_papers(papers.select_related("paper__read_by", "paper__post__organisation__parent"))]
    lines.sort(key=lambda each: each[0], reverse=True)
    return [Panel("提醒与督办", [line for _, line in lines])] if lines else []


def _told(notices: Iterable[Notice]) -> Iterator[tuple]:
    """One line per day and step; a day that was moved since is named."""
    for (day, step, due_on), rows in groupby(notices, lambda each: (each.created_on(), each.step, each.due_on)):
        rows = list(rows)
        names = [f"{each.recipient.name}（{each.get_capacity_display()}）" for each in rows[:NAMED]]
        more = f" 等 {len(rows)} 人" if len(rows) > NAMED else ""
        read = sum(each.read_at is not None for each in rows)
        former = f" · 按原到期日 {due_on}" if due_on != rows[0].duty.due_on else ""
        meta = f"{day} · {'、'.join(names)}{more} · {read}/{len(rows)} 人已读{former}"
        yield rows[0].created_at, Line(step_words(step), meta=meta)


def _papers(lines: Iterable[ReminderPaperLine]) -> Iterator[tuple]:
    for line in lines:
        paper = line.paper
        read = f"{paper.read_by.name} {timezone.localdate(paper.read_at)} 签收" if paper.read_at else "未签收"
        to = f"致{paper.post.full_title}" + (f"，抄送{paper.copies_to}" if paper.copies_to else "")
        url = reverse("reminder_paper", args=[paper.pk])
        yield paper.issued_at, Line(str(paper), meta=f"{paper.issued_on} · {to} · {read}", url=url)
