"""What the verbs of the three lists share: the open year, who is told, how long a text may be."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accountability import document_workflow as flow
from accountability.models import (
    Notice,
    Person,
    Post,
    WorkYear,
)
from accountability.services.notices import notify

OPINION_LIMIT, WORDS_LIMIT, SHOWS_LIMIT, MILESTONE_LIMIT = 300, 1000, 2000, 100


def open_year(year: int) -> WorkYear:
    row = WorkYear.objects.filter(year=year).first()
    if row is None or row.is_closed:
        raise ValidationError(f"{year} 工作年度{'尚未开启' if row is None else '已封存'}，清单不能改动。")
    return row


def tell(posts: Sequence[Post | None], by: Person, title: str, row) -> None:
    today = timezone.localdate()
    people = [person for post in posts for person in flow.holders(post, today) if person.pk != by.pk]
    notify(people, kind=Notice.Kind.TO_CONFIRM, title=title, body=str(row), url=address(row))


def address(row) -> str:
    return reverse(type(row).__name__.lower(), args=[row.pk])


def fitting(words: str, limit: int, what: str = "这段话") -> str:
    """Nothing typed is cut off: what is too long goes back to its author."""
    if len(words) > limit:
        raise ValidationError(f"{what}最多 {limit} 个字，现在有 {len(words)} 个字，请精简后再提交。")
    return words


def posts_of_role(role: str) -> list[Post]:
    return list(Post.objects.filter(role=role, abolished_on=None))


def locked(row):
    return type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
