"""监督文书 beside other things: the room, its figures, and where a letter may begin (三（二）1, 三（二）2).

From a duty, the ledger narrowed to a unit (a cell of the dashboard), a finding, an organisation; a duty also shows the
letters written because of it, and the letter it answers, to those who may see them.
"""

from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from accountability import access
from accountability.ledger import LedgerFilter
from accountability.models import Duty, Organisation, Person
from accountability.offers import Offer, offers
from inspections.models import Finding
from supervision.board.consequences import consequence
from supervision.board.indicators import figure
from supervision.letters.filter import LetterFilter
from supervision.letters.sources import unit_above
from supervision.models import Letter, LetterMatter
from supervision.rooms import room

LABEL = "拟监督文书"


def finds_letters(user: Person) -> bool:
    """Who has the room: the commission, and whoever has a letter to see."""
    return access.may_supervise(user) or access.sees_any(user, lambda: Letter.objects.visible_to(user), "letters")


room(
    100,
    "一单三书",
    "letters",
    "督办单、意见书、建议书、告知书：签发、签收、答复、评价",
    icon="letter",
    may=finds_letters,
    waiting=lambda user: Letter.objects.visible_to(user).waiting_for(user).count(),
)


def _figure(name: str, label: str, words: str, **chosen) -> None:
    figure(
        name,
        label,
        unit="份",
        rows=lambda user, year, on: LetterFilter(year=year, **chosen).rows(
            Letter.objects.visible_to(user), on=on, user=user
        ),
        url=lambda year: LetterFilter(year=year, **chosen).url,
        words=words,
        may=lambda user: access.may_see_whole_school(user) or finds_letters(user),
    )


_figure("letters_issued", "发出督办文书", "本年度已签发、没有撤销的一单三书", state=Letter.State.ISSUED.value)
_figure("letters_unread", "未签收", "发出后收文单位还没有签收", view="unread")
_figure("letters_late", "逾期未答复", "至少一项过了期限没有单位审核过的答复", view="late")
_figure("letters_poor", "不满意", "至少一项的答复评价过不满意", view="poor")


def _new(hint: str, **query) -> Offer:
    pairs = {name: value for name, value in query.items() if value}
    return Offer(LABEL, f"{reverse('letter_new')}?{urlencode(pairs)}", "letter", hint)


@offers("duty")
def of_duty(user: Person, duty: Duty) -> list[Offer]:
    """看督办单 …号 for who may see it; a new letter for the commission."""
    about = Q(matters__duty=duty) | Q(matters__source_duty=duty)
    seen = Letter.objects.visible_to(user).filter(about).exclude(state=Letter.State.WITHDRAWN).distinct().order_by("pk")
    shown = [
        Offer(f"看{letter.kind_word} {letter.number or '草稿'}", reverse("letter", args=[letter.pk])) for letter in seen
    ]
    if (
        not access.may_supervise(user)
        or duty.is_confidential
        or not duty.is_open
        or unit_above(duty.organisation) is None
    ):
        return shown
    if hasattr(duty, "letter_matter"):
        return shown  # overdue it is escalated on the page of its letter
    return [*shown, _new("带入这项责任、到期日和逾期天数", duty=duty.pk)]


@offers("ledger")
def of_ledger(user: Person, chosen: LedgerFilter) -> list[Offer]:
    if not access.may_supervise(user) or not chosen.organisation:
        return []
    organisation = Organisation.objects.select_related("parent").filter(pk=chosen.organisation).first()
    if organisation is None or unit_above(organisation) is None:
        return []
    return [_new("", organisation=organisation.pk, obligation=chosen.obligation, year=chosen.year)]


@offers("finding")
def of_finding(user: Person, finding: Finding) -> list[Offer]:
    seen = Letter.objects.visible_to(user).filter(matters__source_finding=finding)
    seen = seen.exclude(state=Letter.State.WITHDRAWN).distinct().order_by("pk")
    shown = [
        Offer(f"看{letter.kind_word} {letter.number or '草稿'}", reverse("letter", args=[letter.pk])) for letter in seen
    ]
    may = access.may_supervise(user) and finding.state != Finding.State.CLOSED
    if not may or unit_above(finding.organisation) is None:
        return shown
    return [*shown, _new("带入这个问题和整改期限", finding=finding.pk)]


@offers("organisation")
def of_organisation(user: Person, organisation: Organisation) -> list[Offer]:
    if not access.may_supervise(user) or organisation.abolished_on or unit_above(organisation) is None:
        return []
    return [_new("", organisation=organisation.pk)]


@consequence(duty="source_duty", on="letter__issued_on")
def letters_on_duties():
    """追究: what a letter was issued about; not what it tells of a person (告知书)."""
    return LetterMatter.objects.filter(letter__state=Letter.State.ISSUED, letter__person=None)
