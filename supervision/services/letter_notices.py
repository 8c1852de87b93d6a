"""监督文书的通知: who is told of which step; of a 告知书 nobody who may not see it (三（二）1)."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from accountability.document_workflow import holders
from accountability.models import Notice, Organisation, Person
from accountability.services import outbox
from accountability.services.notices import notify, people_with
from supervision.letters.workflow import works_on
from supervision.models import Letter, LetterMatter

KIND = Notice.Kind.SUPERVISION


def url_of(letter: Letter) -> str:
    return reverse("letter", args=[letter.pk])


def of_unit(letter: Letter) -> list[Person]:
    """收文单位要办的人: its secretary and its liaison; of a 告知书 the head of the unit and the one it is about."""
    heads = holders(letter.head, timezone.localdate())
    if letter.is_confidential:
        return [*heads, letter.person]
    unit = letter.recipient
    return [*heads, *people_with("confirm_record", unit), *people_with("keep_record", unit)]


def of_commission(letter: Letter) -> list[Person]:
    """办理的纪委同志: all of them, of a 告知书 those who know of it."""
    school = Organisation.objects.get(kind=Organisation.Kind.SCHOOL)
    return [person for person in people_with("supervise", school) if works_on(person, letter)]


def _send(
    people: Iterable[Person], title: str, letter: Letter, *, by: Person, kind: str = KIND, body: str = ""
) -> list[Notice]:
    others = {person.pk: person for person in people if person.pk != by.pk and person.is_active}
    return notify(others.values(), kind=kind, title=title, body=body, url=url_of(letter))


def of_step(letter: Letter, name: str, *, by: Person) -> None:
    if name == "propose":
        _send([letter.signer], f"待签发：{letter.title}", letter, by=by, kind=Notice.Kind.TO_SIGN)
    elif name == "send_back":
        _send([letter.drafted_by], f"退回修改：{letter.title}", letter, by=by, kind=Notice.Kind.RETURNED,
              body=letter.returned_reason)  # fmt: skip
    elif name == "sign":
        _issued(letter, by=by)
    elif name == "revoke":
        _send([*of_unit(letter), letter.drafted_by], f"已撤销：{letter.kind_word}{letter.number}", letter, by=by,
              body=letter.closed_reason)  # fmt: skip


def _issued(letter: Letter, *, by: Person) -> None:
    first = letter.matters.order_by("due_on").values_list("due_on", flat=True)[0]
    title = f"新的{letter.kind_word}{letter.number}，{first} 前答复"
    body = "" if letter.is_confidential else f"{letter.subject}。请先签收。"
    told = _send(of_unit(letter), title, letter, by=by, kind=Notice.Kind.LETTER, body=body)
    if told and not letter.is_confidential:
        outbox.tell_groups(letter.recipient, told[0])
    _send([letter.drafted_by], f"已签发：{letter.kind_word}{letter.number}", letter, by=by, kind=Notice.Kind.ACCEPTED)
    if letter.copied_to_id:
        copied = holders(letter.copied_to, timezone.localdate())
        _send(copied, f"抄送：{letter.kind_word}{letter.number}", letter, by=by, body=letter.subject)


def of_answer(matter: LetterMatter, *, by: Person) -> None:
    letter = matter.letter
    people = [person for person in of_commission(letter) if not belongs_to(person, matter)]
    words = "" if letter.is_confidential else f"{matter.unit.name} · "
    _send(people, f"答复待评价：{words}{letter.number}第{matter.rank}项", letter, by=by, kind=Notice.Kind.TO_CONFIRM)


def of_withdrawal(matter: LetterMatter, *, by: Person) -> None:
    letter = matter.letter
    title = f"答复作废，重新待答复：{letter.number}第{matter.rank}项"
    _send(of_commission(letter), title, letter, by=by, kind=Notice.Kind.RETURNED)


def of_evaluation(matter: LetterMatter, grade: str, words: str, *, by: Person) -> None:
    letter, is_poor = matter.letter, grade == "不满意"
    kind = Notice.Kind.RETURNED if is_poor else Notice.Kind.ACCEPTED
    title = f"答复{grade}{'，请重新答复' if is_poor else ''}：{letter.number}第{matter.rank}项"
    _send(of_unit(letter), title, letter, by=by, kind=kind, body="" if letter.is_confidential else words)


def belongs_to(person: Person, matter: LetterMatter) -> bool:
    """回避: whoever holds a post in the unit that answers."""
    from inspections.research_access import own_units

    return matter.duty.organisation_id in own_units(person)
