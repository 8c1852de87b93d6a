"""文稿: what is printed, as plain values; the one door to paper for the rest of the house."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from accountability.papers.blocks import Block, Picture, Table

if TYPE_CHECKING:
    from accountability.papers.printing import Paper

Form = Literal["official", "pledge", "plain"]
FORMS = get_args(Form)
MOST_SIGNERS = 3
AWAITING_NUMBER = "〔待编号〕"


@dataclass(frozen=True)
class Signer:
    """签署人: the panel he signs in. ``signed_on`` is None as long as it waits for ink."""

    label: str  # 学校领导、承诺人、责任方; 签发人 on an official document
    name: str
    post_title: str = ""
    signed_on: date | None = None
    note: str = ""  # small print under the signature, e.g. 校验码
    organisation: str = ""  # the party he signs for, named at the head of a 责任书


@dataclass(frozen=True)
class AnnexPage:
    """附件: printed behind the signature, on pages of its own (GB/T 9704 7.3.7)."""

    title: str
    blocks: tuple[Block, ...] = ()

    def __post_init__(self):
        object.__setattr__(self, "blocks", tuple(self.blocks))


@dataclass(frozen=True)
class Sheet:
    """文稿: one document of one form.

    official  公文: red head, number, red line, title, addressee, body, annexes, stamped signature, imprint
    pledge    承诺书、责任书: title, parties, body, panel of one to three signers at the foot of the last page
    plain     个人报告: title, byline, body, signature
    """

    form: Form
    title: str
    blocks: tuple[Block, ...]
    issuer: str = ""  # official: the red head and the default signature
    number: str = ""  # 江海经贸委〔2026〕3号; a draft may have none
    subtitle: str = ""  # （2026年度）
    addressee: str = ""
    annexes: tuple[str, ...] = ()  # sent along, but not printed here
    signers: tuple[Signer, ...] = ()
    signed_by_line: str = ""  # 机关署名, the byline of a plain report; the issuer where empty
    dated_on: date | None = None
    copies_to: str = ""  # 抄送; on a pledge 一式三份：本人、纪委、组织部
    printed_by: str = ""  # 印发机关
    printed_on: date | None = None
    is_draft: bool = False
    verify_code: str = ""
    verify_address: str = ""
    annex_pages: tuple[AnnexPage, ...] = field(default=(), kw_only=True)
    verify_url: str = field(default="", kw_only=True)  # absolute: the QR code of the last page
    language: str = field(default="zh-CN", kw_only=True)

    def __post_init__(self):
        if self.form not in FORMS:
            raise ValueError(f"no such form: {self.form}")
        if len(self.signers) > MOST_SIGNERS:
            raise ValueError("a panel holds three signers")
        object.__setattr__(self, "blocks", tuple(self.blocks))
        object.__setattr__(self, "annex_pages", tuple(self.annex_pages))

    @property
    def annex_titles(self) -> tuple[str, ...]:
        """附件说明: what is printed behind the text comes first, so that page and list bear one number."""
        return (*(annex.title for annex in self.annex_pages), *self.annexes)

    def annex_mark(self, number: int) -> str:
        """附件1, or 附件 where it is the only one."""
        return f"附件{number}" if len(self.annex_titles) > 1 else "附件"

    @property
    def signature(self) -> str:
        return self.signed_by_line or self.issuer

    @property
    def shown_number(self) -> str:
        return self.number or AWAITING_NUMBER

    @property
    def verification(self) -> str:
        """核验：/verify/ 校验码 ABCD-EFGH."""
        if not self.verify_code:
            return ""
        return (
            f"核验：{self.verify_address}　校验码 {self.verify_code}"
            if self.verify_address
            else f"校验码 {self.verify_code}"
        )

    @property
    def has_table(self) -> bool:
        return any(isinstance(block, Table) for block in self.blocks)

    def words(self) -> str:
        """Everything that will be drawn, to see whether it can be."""
        told = [self.title, self.issuer, self.number, self.subtitle, self.addressee, *self.annex_titles, self.signature]
        told += [self.copies_to, self.printed_by, self.verification]
        for signer in self.signers:
            told += [signer.label, signer.name, signer.post_title, signer.note, signer.organisation]
        for blocks in (self.blocks, *(annex.blocks for annex in self.annex_pages)):
            told += _words(blocks)
        return "\n".join(told)


def _words(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Table):
            yield block.caption
            for row in (block.header, *block.rows):
                yield from row
        elif isinstance(block, Picture):
            yield from (block.svg, block.caption)
        else:
            yield block.text


def render_pdf(sheet: Sheet) -> "Paper":
    """The sheet as PDF; ``Paper.missing`` names the characters no font draws, printed as 〓."""
    from accountability.papers.typesetting import typeset  # 50 MB that no web process should carry

    return typeset(sheet)


def render_docx(sheet: Sheet, exhibits: Mapping[str, Block] | None = None) -> bytes:
    """The sheet as .docx with real styles, for Word and WPS; ``exhibits`` are drawn where the text names them."""
    from accountability.papers.docx_writing import write_docx

    return write_docx(sheet, exhibits or {})
