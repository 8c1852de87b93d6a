"""图标与状态灯: the same marks whether they stand in the template or come from the page; nothing typed becomes markup."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.base import TextNode

LATE = '<span class="light light--late"><svg class="icon" aria-hidden="true"><use href="#i-late"/></svg>逾期</span>'


def drawn(source: str, **values) -> str:
    return Template(source).render(Context(values))


def test_what_stands_in_the_template_is_text_before_any_page_is_made():
    (node,) = Template('{% light "late" "逾期" %}').nodelist
    assert isinstance(node, TextNode)
    assert drawn('{% light "late" "逾期" %}') == LATE
    assert drawn('{% icon "late" %}') in LATE


def test_what_the_page_gives_looks_the_same():
    assert drawn("{% light state label %}", state="late", label="逾期") == LATE
    assert drawn("{% light state label|default:'逾期' %}", state="late", label="") == LATE
    assert drawn("{% icon name %}", name="late") in LATE


@pytest.mark.parametrize(("tag", "is_head"), [("True", True), ("False", False), ("head", True), ("nothing", False)])
def test_the_head_of_a_page_has_a_larger_one(tag, is_head):
    said = drawn("{% light state '逾期' tag=" + tag + " %}", state="late", head=True, nothing=None)
    assert ("light--tag" in said) is is_head


def test_nothing_typed_becomes_markup():
    said = drawn("{% light state label %}{% icon state %}", state='"><script>', label="<b>&")
    assert "<script>" not in said and "<b>" not in said and "&lt;b&gt;&amp;" in said


@pytest.mark.parametrize("wrong", ['{% icon "a" "b" %}', "{% icon %}", '{% light "late" %}', '{% light "a" "b" c %}'])
def test_a_slip_in_a_template_is_told_when_it_is_read(wrong):
    with pytest.raises(TemplateSyntaxError):
        Template(wrong)
