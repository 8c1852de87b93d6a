"""全局搜索 of this app: letters and talks, each under its own scope and its own list's filter (四（三）)."""

from django.urls import reverse

from accountability.search import Hit, Query, searchable
from supervision.letters.filter import LetterFilter
from supervision.models import Letter, Talk
from supervision.talks.filter import TalkFilter


def _letters(query: Query):
    chosen = LetterFilter(q=query.words)
    rows = chosen.rows(Letter.objects.visible_to(query.user), on=query.on, user=query.user)
    return rows.select_related("recipient").order_by("-pk")


def _talks(query: Query):
    rows = TalkFilter(q=query.words).rows(Talk.objects.visible_to(query.user), user=query.user, on=query.on)
    return rows.select_related("person").order_by("-pk")


searchable(
    130, "letters", "监督文书", "份",
    rows=_letters,
    tell=lambda letter: Hit(letter.title, reverse("letter", args=[letter.pk]), f"{letter.number or '未编号'} · {letter.recipient.name}"),
    url=lambda query: LetterFilter(q=query.words).url,
)  # fmt: skip
searchable(
    140, "talks", "谈话", "次",
    rows=_talks,
    tell=lambda talk: Hit(f"{talk}", reverse("talk", args=[talk.pk]), talk.person.name),
    url=lambda query: TalkFilter(q=query.words).url,
)  # fmt: skip
