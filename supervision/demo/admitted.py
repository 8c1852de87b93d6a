"""知悉授权的演示: the secretary names, early in the first year, who of the commission may see what (二（二）)."""

from datetime import date

from accountability.models import Person, Role, Tenure
from supervision.demo.clock import moment, standing_at
from supervision.models import Secret
from supervision.services.admissions import admit

NAMED_ON = date(2025, 1, 13)
REASONS = {
    Secret.TALK: "分管监督检查，办理谈话提醒",
    Secret.FORM: "承担四种形态登记和统计报告",
    Secret.CLUE: "分管线索处置工作",
    Secret.ARCHIVE: "分管廉政档案和廉洁意见工作",
    Secret.MEASURE: "分管问责处理登记",
}
# 纪委书记 takes no part in talks that others lead.
OF_THE_HEAD = (Secret.FORM, Secret.CLUE, Secret.ARCHIVE, Secret.MEASURE)


def lay() -> None:
    secretary, officer = (Person.objects.get(username=name) for name in ("secretary", "discipline"))
    head = Tenure.objects.filter(post__organisation__kind="commission", post__role=Role.DISCIPLINE).latest("pk").person
    with standing_at(moment(NAMED_ON)):
        for secret, reason in REASONS.items():
            admit(by=secretary, person=officer, secret=secret, reason=reason)
            if secret in OF_THE_HEAD:
                admit(by=secretary, person=head, secret=secret, reason=reason)
