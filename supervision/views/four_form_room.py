"""四种形态: its room and its figures (四（三）)."""

from accountability import access
from accountability.models import Role
from supervision.board.indicators import figure
from supervision.four_forms.figures import FormFilter
from supervision.models import Form, FormEntry
from supervision.rooms import room
from supervision.services.four_forms import ACT, may_keep


def finds_forms(user) -> bool:
    """The admitted keep it; the secretary is told numbers (四（二）)."""
    return may_keep(user) or access.holds(user, Role.SECRETARY)


room(
    330,
    "四种形态",
    "four_forms",
    "登记有权机关作出的处置决定，按形态、单位、年度统计；本系统只登记，不作决定",
    icon="rule",
    may=finds_forms,
    waiting=lambda user: (
        FormFilter(state="unchecked").rows(FormEntry.objects.visible_to(user)).exclude(entered_by=user).count()
    ),
)


def _register(form: Form) -> None:
    def rows(user, year, on):
        return FormFilter(year=year, form=form.value).rows(FormEntry.objects.visible_to(user))

    figure(
        f"four_forms_{form.value}",
        form.label,
        unit="件",
        rows=rows,
        url=lambda year: FormFilter(year=year, form=form.value).url,
        words="按决定日期所在年度",
        may=may_keep,
    )


for _form in Form:
    _register(_form)
figure(
    "four_forms", "四种形态：合计", unit="件",
    rows=lambda user, year, on: FormFilter(year=year).rows(FormEntry.objects.visible_to(user)),
    url=lambda year: FormFilter(year=year).url,
    words="按决定日期所在年度",
    may=may_keep,
    act=ACT,
)  # fmt: skip
