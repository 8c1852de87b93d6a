"""下拉框 of hundreds: written at once, the same to a browser as Django's."""

import pytest
from django import forms
from django.test.html import parse_html

from accountability.organisation_forms import LongSelect


@pytest.mark.parametrize("value", ["", None, "2", 2, "9"])
def test_it_is_what_django_would_write(value):
    choices = [("", "请选择"), (1, "甲<b>"), (2, '"乙"')]
    given = {"name": "person", "value": value, "attrs": {"id": "id_person", "required": True}}
    ours, djangos = (
        kind(attrs={"class": "input"}, choices=choices).render(**given) for kind in (LongSelect, forms.Select)
    )
    assert parse_html(ours) == parse_html(djangos)
    assert "甲&lt;b&gt;" in ours
