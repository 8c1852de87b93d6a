"""适用事项: which duties a rule speaks of, as one condition on the ledger (一（二）).

Matters part the ledger: a duty fits one of them. A rule for one act takes its duties from the general rule of its matter.
"""

from collections.abc import Collection, Iterable

from django.db.models import Q

from accountability.models import ActKind, Matter, Obligation, ReminderRule
from inspections.models import ProgressReport

FORMS = (ActKind.Category.REPORT, ActKind.Category.CHECK)


def _matter_of(categories: Collection[str]) -> str:
    if ActKind.Category.MEETING in categories:
        return Matter.MEETING
    return Matter.FORM if set(categories) & set(FORMS) else Matter.REGULATION


class Obligations:
    """责任要求 by matter and by act, read once."""

    def __init__(self):
        self._acts: dict[int, set[int]] = {}
        categories: dict[int, set[str]] = {}
        rows = Obligation.objects.order_by().values_list("pk", "acts", "acts__category")
        for obligation, act, category in rows:
            self._acts.setdefault(obligation, set()).add(act)
            categories.setdefault(obligation, set()).add(category)
        self._matter = {obligation: _matter_of(kinds) for obligation, kinds in categories.items()}

    def of(self, matter: str, act: int | None = None) -> set[int]:
        return {
            obligation
            for obligation, acts in self._acts.items()
            if self._matter[obligation] == matter and (act is None or act in acts)
        }

    def acts_of(self, matter: str) -> set[int]:
        """Acts a rule of this matter can be narrowed to."""
        return {act for obligation in self.of(matter) for act in self._acts[obligation]}


def duties_of(rule: ReminderRule, obligations: Obligations, others: Iterable[ReminderRule]) -> Q:
    """The duties of ``rule`` beside ``others``, the rules in force with it."""
    if rule.matter == Matter.CONFIDENTIAL:
        return Q(is_confidential=True)
    monthly = Q(pk__in=ProgressReport.objects.values("duty"))
    if rule.matter == Matter.AD_HOC:
        return Q(is_confidential=False, obligation=None) & ~monthly
    mine = obligations.of(rule.matter, rule.act_id)
    for other in others:
        if _comes_before(other, rule):
            mine -= obligations.of(other.matter, other.act_id)
    owed = Q(obligation__in=sorted(mine))
    if rule.matter == Matter.FORM and rule.act_id is None:
        owed |= Q(obligation=None) & monthly
    return Q(is_confidential=False) & owed


def _comes_before(other: ReminderRule, rule: ReminderRule) -> bool:
    """A rule for an act comes before the general one; of two for acts of one obligation the older is followed."""
    if other.pk == rule.pk or other.matter != rule.matter or other.act_id is None:
        return False
    return rule.act_id is None or rule.pk is None or other.pk < rule.pk
