"""文件 as words and blocks: its light, and its body as a reader sees it."""

from django import template

from accountability.document_workflow import STEP_LABELS, step_now
from accountability.models import Document, Signature
from accountability.papers.blocks import Exhibit, Heading, Table, parse
from accountability.papers.references import without_references

register = template.Library()
LIGHTS = {
    Document.State.SIGNED: "done",
    Document.State.RETURNED: "late",
    Document.State.DRAFT: "idle",
    Document.State.WITHDRAWN: "idle",
}


@register.filter
def document_light(document: Document) -> str:
    return LIGHTS.get(document.state, "soon")


@register.filter
def document_words(document: Document) -> str:
    """党委办公室审核中, 待签署, 已签署."""
    if document.state == Document.State.IN_REVIEW and step_now(document):
        return f"待{STEP_LABELS[step_now(document)]}"
    return document.get_state_display()


@register.filter
def capacity_words(capacity: str) -> str:
    return Signature.Capacity(capacity).label


@register.filter
def shown_blocks(text: str) -> list[dict]:
    """The body block by block: kind (heading, table, paragraph) and what it holds."""
    return [_shown(block) for block in parse(text)]


def _shown(block) -> dict:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": block.text}
    if isinstance(block, Table):
        return {"kind": "table", "caption": block.caption, "header": block.header, "rows": block.rows}
    if isinstance(block, Exhibit):
        return {"kind": "exhibit", "text": f"此处为{block.kind}“{block.name}”，见报告页。"}
    return {"kind": "paragraph", "text": without_references(block.text)}
