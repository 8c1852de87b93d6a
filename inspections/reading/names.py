"""台账的词汇: how offices call a column, answer yes, say that a measure is done. Knows no Django: a child reads with it."""

import re
import unicodedata


class Refused(Exception):
    """Words why a file is not read."""


COLUMNS_AT_MOST = 60  # what stands further to the right is not read
# Work is bounded by what is in the file, not by the clock alone: a slow machine must not refuse an honest ledger.
CELLS_AT_MOST, ELEMENTS_AT_MOST = 500_000, 1_600_000

# 列 → what it is called, and the names offices give it. The first name is the one complaints use, and of two columns
# that mean the same the one that stands first here is read.
NAMES = {
    "serial": ("序号", "编号", "问题序号", "问题编号", "题号", "问题号"),
    "category": ("问题类别", "类别", "问题类型", "问题分类", "问题大类", "方面", "反馈方面", "问题方面", "一级类别", "所属方面"),
    "sub_category": ("问题子类", "子类", "问题小类", "二级类别", "问题子类别"),
    "text": ("具体问题", "问题", "问题内容", "存在问题", "存在的问题", "具体问题描述", "问题描述", "问题表述", "反馈具体问题", "巡察反馈问题", "巡视反馈问题", "反馈问题", "反馈的问题", "整改问题", "问题清单", "反馈意见", "主要问题", "问题名称"),
    "symptoms": ("具体表现", "表现", "主要表现", "问题表现", "问题具体表现", "具体情形", "表现形式", "问题情形"),
    "implementation": ("对应四落实", "四落实", "对应四个落实", "四个落实", "对应四落"),
    "focus": ("是否重点关注", "重点关注", "是否重点问题", "重点问题", "是否重点"),
    "goal": ("整改目标", "目标", "整改落实目标", "预期目标", "整改要求", "目标要求"),
    "measure": ("整改措施", "措施", "具体措施", "整改举措", "具体整改措施", "措施内容", "具体举措", "整改具体措施", "整改落实措施", "举措", "整改任务"),
    "kinds": ("措施类型", "措施类别", "措施分类", "整改类型"),
    "leader": ("责任领导", "牵头领导", "牵头校领导", "责任校领导", "包抓领导", "分管领导", "分管校领导", "牵头责任领导", "校领导", "包干领导"),
    "lead": ("牵头单位", "牵头部门", "主责单位", "主责部门", "牵头责任单位", "责任单位", "责任部门", "整改责任单位", "整改责任部门", "整改单位", "承办单位", "承办部门", "责任主体"),
    "helpers": ("配合单位", "协同单位", "配合部门", "协助单位", "协助部门", "参与单位", "协办单位", "配合责任单位", "协同部门"),
    "owner": ("责任人", "具体责任人", "直接责任人", "单位责任人", "经办人", "联系人"),
    "term": ("整改时限", "完成时限", "时限", "时限要求", "时间节点", "整改期限", "完成期限", "完成时间", "计划完成时间", "预计完成时间", "整改完成时限", "整改完成时间", "办结时限", "截止时间"),
    "kept_up": ("是否常态化坚持", "常态化坚持", "是否长期坚持", "是否常态化"),
    "in_period": ("是否集中整改期完成", "集中整改期完成", "是否集中整改期内完成"),
    "progress": ("整改进展", "进展", "进展情况", "整改进展情况", "整改情况", "落实情况", "整改落实情况", "整改成效", "工作进展", "目前进展", "整改结果"),
    "completion": ("完成情况", "完成状态", "状态", "整改状态", "是否完成", "完成进度", "整改完成情况", "是否销号", "销号情况", "是否整改到位"),
    "remark": ("备注", "说明", "备注说明"),
}  # fmt: skip
RANKED = {name: (key, rank) for key, names in NAMES.items() for rank, name in enumerate(names)}
LABEL = {key: names[0] for key, names in NAMES.items()}
REQUIRED = ("text", "measure", "lead", "term")
PROBLEM_FIELDS = ("serial", "category", "sub_category", "text", "symptoms", "implementation", "focus", "goal")
LIMITS = {
    "category": 200, "sub_category": 200, "text": 500, "symptoms": 5000, "goal": 1000, "measure": 2000, "leader": 200,
    "lead": 200, "helpers": 1000, "owner": 200, "progress": 5000, "remark": 200,
}  # fmt: skip
LONG_TEXTS = frozenset(("category", "sub_category", "text", "symptoms", "goal", "measure", "progress", "remark"))
IMPLEMENTATIONS = {
    "theory": ("落实党的理论路线方针政策和党中央重大决策部署", "党的理论路线方针政策", "党中央重大决策部署"),
    "governance": ("落实全面从严治党战略部署", "全面从严治党"),
    "organisation": ("落实新时代党的组织路线", "组织路线"),
    "rectification": ("落实巡视等监督发现问题整改", "巡视", "巡察", "监督发现问题", "审计"),
}
KINDS = ("建章立制", "挽回损失", "追责问责", "举一反三", "专项整治", "重大措施")
YES = frozenset(("是", "√", "✓", "✔", "☑", "Y", "YES", "有", "1", "TRUE", "对"))
NOTHING = frozenset(("/", "-", "—", "——", "－", "无", "\\"))  # written where nothing is to be said
NO = frozenset(("", "否", "×", "X", "✗", "✘", "☐", "N", "NO", "0", "FALSE", "不是", "╳")) | NOTHING
COMPLETIONS = {
    "done": ("已完成", "完成", "已整改", "整改完成", "已整改完成", "已完成整改", "完成整改", "已办结", "办结", "已销号", "销号", "整改到位", "已整改到位", "已完成并长期坚持", "已完成长期坚持", "100%"),
    "mostly": ("基本完成", "基本整改", "基本整改到位", "已基本完成", "基本完成整改"),
    "undone": ("未完成", "整改中", "推进中", "进行中", "正在推进", "正在整改", "正在进行", "持续推进", "持续整改", "长期坚持", "未整改", "未启动", "尚未完成", "未销号", "未办结", "办理中", "0%"),
}  # fmt: skip
COMPLETION_OF = {word: state for state, words in COMPLETIONS.items() for word in words}
NOTE = re.compile(r"[（(【\[].*?[）)】\]]", re.DOTALL)
MARKS = re.compile(r"[“”\"'*:：★☆·]")
COUNTED = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）、.．]\s*)+")


def tidy(text: str) -> str:
    """One line: full-width digits and letters to plain ones, no blanks doubled."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.split())


def words(text: str) -> str:
    """Text of several lines kept as it was typed, trimmed."""
    text = text.strip()
    if "\n" not in text and "\r" not in text:
        return text
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def head_name(cell) -> str:
    """A header's name without blanks, notes in brackets, quotation marks, asterisks and a number before it."""
    if not isinstance(cell, str):
        return ""
    plain = MARKS.sub("", NOTE.sub("", "".join(unicodedata.normalize("NFKC", cell).split())))
    return plain if plain in RANKED else COUNTED.sub("", plain)


def field_of(name: str) -> tuple[str, int] | None:
    """The field of a column and how good the name is; two names joined by / or 及 count as the first."""
    return RANKED.get(name) or next(
        (RANKED[one] for one in re.split(r"[/、及和与]", name) if one != name and one in RANKED), None
    )
