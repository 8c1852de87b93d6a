"""全局搜索: every kind of thing registers what of it is found by words; nobody finds what he may not see (四（三）).

A source gives the rows of its own list under its own scope and its own filter, so that what the search counts is what
the list under "看全部" shows. One query a source, the first rows of each told, the rest counted up to a bound.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models.functions import Greatest, Lower, StrIndex, Substr

from accountability.models import Person

LEAST, MOST = 2, 60
TOLD, COUNTED = 6, 50
BEFORE, AROUND = 16, 72


@dataclass(frozen=True)
class Query:
    """What is asked: by whom, for which words, in which working year, on which day."""

    user: Person
    words: str
    year: int
    on: date


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, its address, a line about it, and the words around what was found in its text."""

    title: str
    url: str
    meta: str = ""
    around: str = ""


@dataclass(frozen=True)
class Source:
    """来源. ``rows`` come scoped, matched and in order; ``url`` is the list of all of them.

    ``by_year``: its list is one working year's. ``may``: who has this list at all.
    """

    rank: int
    name: str
    label: str
    noun: str
    rows: Callable[[Query], QuerySet]
    tell: Callable[..., Hit]
    url: Callable[[Query], str]
    by_year: bool = False
    may: Callable[[Person], bool] = lambda user: True


@dataclass(frozen=True)
class Result:
    source: Source
    url: str
    hits: list[Hit] = field(default_factory=list)
    count: int = 0

    @property
    def count_words(self) -> str:
        return f"{COUNTED} 以上" if self.count > COUNTED else f"{self.count}"

    @property
    def is_whole(self) -> bool:
        return self.count <= len(self.hits)


_sources: dict[str, Source] = {}


def searchable(rank: int, name: str, label: str, noun: str, *, rows, tell, url, by_year=False, may=lambda user: True):
    """登记 a kind of thing; registering again replaces it. Confidential kinds give rows through their own scope."""
    _sources[name] = Source(rank, name, label, noun, rows, tell, url, by_year, may)
    return _sources[name]


def sources_for(user: Person) -> list[Source]:
    return [one for one in sorted(_sources.values(), key=lambda each: each.rank) if one.may(user)]


def tidy(words: str) -> str:
    """What is searched for: no control characters, blanks as one, not longer than a name."""
    return " ".join("".join(each for each in words if each.isprintable() or each.isspace()).split())[:MOST].strip()


def search(query: Query) -> list[Result]:
    """搜索: one query for each source; those that found nothing are left out. Too short a word finds nothing."""
    if len(query.words) < LEAST:
        return []
    results = (_result(source, query) for source in sources_for(query.user))
    return [result for result in results if result.count]


def _result(source: Source, query: Query) -> Result:
    rows = list(source.rows(query)[: COUNTED + 1])
    return Result(source, source.url(query), [source.tell(row) for row in rows[:TOLD]], len(rows))


def around(column: str, words: str) -> Case:
    """上下文: the words around the first place, cut out by the database so that long texts stay there; else nothing."""
    place = StrIndex(Lower(column), Value(words.lower()))
    start = Greatest(place - BEFORE, Value(1))
    return Case(
        When(**{f"{column}__icontains": words}, then=Substr(column, start, AROUND)),
        default=Value(""),
        output_field=CharField(),
    )
