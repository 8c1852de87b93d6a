"""文稿: what is printed, as plain values; the one door to paper for the rest of the house."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

from accountability.papers.blocks import Block, Table

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
    annexes: tuple[str, ...] = ()
    signers: tuple[Signer, ...] = ()
    signed_by_line: str = ""  # 机关署名, the byline of a plain report; the issuer where empty
    dated_on: date | None = None
    copies_to: str = ""  # 抄送; on a pledge 一式三份：本人、纪委、组织部
    printed_by: str = ""  # 印发机关
    printed_on: date | None = None
    is_draft: bool = False
    verify_code: str = ""
    verify_address: str = ""
    language: str = field(default="zh-CN", kw_only=True)

    def __post_init__(self):
        if self.form not in FORMS:
            raise ValueError(f"no such form: {self.form}")
        if len(self.signers) > MOST_SIGNERS:
            raise ValueError("a panel holds three signers")
        object.__setattr__(self, "blocks", tuple(self.blocks))

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
        told = [self.title, self.issuer, self.number, self.subtitle, self.addressee, *self.annexes, self.signature]
        told += [self.copies_to, self.printed_by, self.verification]
        for signer in self.signers:
            told += [signer.label, signer.name, signer.post_title, signer.note, signer.organisation]
        for block in self.blocks:
            rows = (block.header, *block.rows) if isinstance(block, Table) else ((block.text,),)
            told += [block.caption] if isinstance(block, Table) else []
            told += [cell for row in rows for cell in row]
        return "\n".join(told)


def render_pdf(sheet: Sheet) -> "Paper":
    """The sheet as PDF; ``Paper.missing`` names the characters no font draws, printed as 〓."""
    from accountability.papers.typesetting import typeset  # 50 MB that no web process should carry

    return typeset(sheet)


def render_docx(sheet: Sheet) -> bytes:
    """The sheet as .docx with real styles, for Word and WPS."""
    from accountability.papers.docx_writing import write_docx

    return write_docx(sheet)
