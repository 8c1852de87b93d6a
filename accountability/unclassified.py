"""涉密信息不上网: what is typed may bear no mark of a state secret. Forms say so early; ``save_as`` refuses for good."""

from functools import cache

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from accountability.markings import is_marked_text

REFUSAL = (
    "「{label}」中有国家秘密的密级标志。本系统不得存储、处理、传输国家秘密信息，内容没有保存。"
    "请删去涉密内容，并报告学校保密办公室；密级标志只是误写的，删去标志后再提交。"
)


def refuse_marks(row: models.Model, reason: str = "") -> None:
    """No text of ``row`` bears a mark, nor the reason kept beside it: asked before every write (等保, 保密法)."""
    if is_marked_text(reason):
        raise ValidationError(REFUSAL.format(label="原因"), code="classified")
    marked = {
        column.name: ValidationError(REFUSAL.format(label=column.verbose_name), code="classified")
        for column in _texts_of(type(row))
        if is_marked_text(str(getattr(row, column.attname)))
    }
    if marked:
        raise ValidationError(marked)


@cache
def _texts_of(model: type[models.Model]) -> tuple[models.Field, ...]:
    return tuple(
        column for column in model._meta.concrete_fields if isinstance(column, models.CharField | models.TextField)
    )


class UnclassifiedForm(forms.Form):
    """A form whose texts bear no mark of secrecy."""

    def clean(self) -> dict:
        data = super().clean()
        for name, value in list(data.items()):
            if isinstance(value, str) and is_marked_text(value):
                self.add_error(name, ValidationError(REFUSAL.format(label=self.fields[name].label), code="classified"))
        return data
