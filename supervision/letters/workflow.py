"""监督文书流程: draft → sent for signature → issued by another; named transitions as data (三（二）1)."""

from accountability import access
from accountability.models import Person
from accountability.workflow import Choice, Transition
from supervision.access import admitted
from supervision.models import Letter, LetterMatter, Secret

S = Letter.State
COMMISSION = "纪委"
REASON_AT_LEAST = 4
REVOKED_BECAUSE_AT_LEAST = 10


def works_on(user: Person, letter: Letter) -> bool:
    """办理: of the commission; a 告知书 only who knows of it, never the one it is about."""
    if not access.may_supervise(user):
        return False
    if not letter.is_confidential:
        return True
    knows = user.pk in (letter.drafted_by_id, letter.signer_id) or admitted(user, Secret.FORM)
    return knows and letter.person_id != user.pk


def _is_signer(user: Person, letter: Letter) -> bool:
    return letter.signer_id == user.pk


def _signer(letter: Letter) -> str:
    return f"签发人{letter.signer}" if letter.signer_id else "签发人"


def _works_on_or_signed(user: Person, letter: Letter) -> bool:
    return works_on(user, letter) or _is_signer(user, letter)


def _others(user: Person, letter: Letter) -> bool:
    return works_on(user, letter) and not _is_signer(user, letter)


TRANSITIONS = {
    each.name: each
    for each in (
        Transition("propose", "送审", (S.DRAFT,), S.PROPOSED, works_on, COMMISSION, is_primary=True),
        Transition("sign", "签发", (S.PROPOSED,), S.ISSUED, _is_signer, _signer, four_eyes=True, is_primary=True),
        Transition(
            "send_back",
            "退回修改",
            (S.PROPOSED,),
            S.DRAFT,
            _is_signer,
            _signer,
            four_eyes=True,
            reason_at_least=REASON_AT_LEAST,
        ),
        Transition("take_back", "撤回送审", (S.PROPOSED,), S.DRAFT, _others, "拟稿的纪委同志"),
        Transition(
            "withdraw",
            "作废",
            (S.DRAFT, S.PROPOSED),
            S.WITHDRAWN,
            _others,
            COMMISSION,
            reason_at_least=REASON_AT_LEAST,
        ),
        Transition(
            "revoke",
            "撤销",
            (S.ISSUED,),
            S.REVOKED,
            _works_on_or_signed,
            "纪委或签发人",
            reason_at_least=REVOKED_BECAUSE_AT_LEAST,
        ),
    )
}


def has_answers(letter: Letter) -> bool:
    """Somebody of the unit has written or handed in an answer: what was asked can no longer be taken back."""
    return any(matter.turns or matter.state != LetterMatter.State.WAITING for matter in letter.matters.all())


def choices_for(letter: Letter, user: Person) -> list[Choice]:
    """Open ones, and the main step also when it is another's, for those who work on the letter."""
    choices = [
        Choice(each, each.refusal(letter, user)) for each in TRANSITIONS.values() if letter.state in each.sources
    ]
    if has_answers(letter):
        choices = [choice for choice in choices if choice.transition.name != "revoke"]
    shows_closed = works_on(user, letter)
    return [choice for choice in choices if choice.is_open or (choice.transition.is_primary and shows_closed)]
