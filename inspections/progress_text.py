"""通报正文: what the office writes and what the ledger says, set in the order such notices have (domain: 通报 skeleton)."""

import re

from django.conf import settings

from accountability.papers.blocks import line_of
from inspections.models import ProgressNotice, Round, Withholding
from inspections.models.progress_notices import Scope
from inspections.progress_figures import day_words, masked

FIGURE = re.compile("【([^【】]*)】")
NUMERALS = "一二三四五六七八九十"
OFFICE = "党委巡察工作领导小组办公室"
PROBLEM_HIDDEN, RECTIFICATION_HIDDEN = "本项问题内容不公开。", "不公开。"
FREE = ("opening", "organising", "plans", "contact")


def numeral(number: int) -> str:
    """一 to 九十九."""
    tens, ones = divmod(number, 10)
    words = (NUMERALS[tens - 1] if tens > 1 else "") + ("十" if tens else "")
    return words + (NUMERALS[ones - 1] if ones else "")


def committee() -> str:
    return f"中共{settings.UNIVERSITY_NAME}委员会"


def title_of(row: Round) -> str:
    return f"{committee()}关于{row.name}整改进展情况的通报"


def prefilled(row: Round, scope: str, units: list[str], as_of) -> dict[str, str]:
    """预填 of the free parts, from the round alone; figures stand in 【】 and are filled in when it is composed."""
    is_external = row.kind == Round.Kind.EXTERNAL
    deed = {"external": "巡视", "special": "专项巡察", "revisit": "巡察“回头看”"}.get(row.kind, "巡察")
    on_whom = "、".join(units) or f"{committee()}"
    days = f"{day_words(row.starts_on)}至{day_words(row.ends_on)}"
    opening = (
        f"根据{'上级党组织' if is_external else '学校党委'}统一部署，{days}，{'巡视组' if is_external else '巡察组'}"
        f"对{on_whom}开展了{deed}，并于{day_words(row.feedback_on)}反馈了意见。按照党务公开原则和"
        f"{'巡视' if is_external else '巡察'}工作有关要求，现将截至{day_words(as_of)}的整改进展情况"
        f"{'予以公布' if scope == Scope.PUBLIC else '通报如下'}。"
    )
    organising = (
        "（一）逐条立账，压实责任。反馈意见共涉及责任单位【责任单位数】个、问题【问题数】个，其中重点关注【重点问题数】个。"
        "责任单位逐条拟定整改方案，已审定【方案已审定数】个；制定整改措施【措施数】条，全部列入责任台账，明确牵头单位、责任人和时限。\n"
        "（二）对账销号，严格核验。问题由责任单位申请销号，经单位审核，由巡察办或纪委核验，三个环节由不同的人办理。"
        f"截至{day_words(as_of)}，已销号【已销号数】个，其中按期销号【按期销号数】个；转长期坚持【长期坚持数】个；"
        "整改中【整改中数】个，其中逾期【逾期数】个。整改措施已完成【已完成措施数】条，基本完成【基本完成措施数】条，"
        "未完成【未完成措施数】条；已完成的措施中建章立制【已完成建章立制数】条。"
    )
    plans = (
        "对整改中的问题，按期限逐条督办，逾期的说明原因、重新明确时限；对已销号的问题开展抽查，发现反弹的重新立账；"
        "对长期坚持的事项按期复核。"
    )
    contact = (
        "欢迎广大党员、干部和群众对整改落实情况进行监督。如有意见建议，请及时向我们反映。\n"
        f"联系单位：{OFFICE}\n联系电话：\n邮政信箱：\n电子邮箱："
    )
    return {"opening": opening, "organising": organising, "plans": plans, "contact": contact}


def unknown_figures(text: str, figures: dict) -> list[str]:
    return [label for label in FIGURE.findall(text) if label not in figures or figures[label]["code"].startswith("W")]


def _filled(text: str, figures: dict) -> list[str]:
    """The lines of a free part, with its figures."""
    told = FIGURE.sub(
        lambda match: f"{figures[match.group(1)]['value']}" if match.group(1) in figures else match.group(), text
    )
    return [line_of(line) for line in told.splitlines() if line.strip()]


def composed(notice: ProgressNotice) -> str:
    """正文 as it is printed; nothing is read from the ledger here."""
    lines = _filled(notice.opening, notice.figures)
    if notice.corrects_id:
        old = notice.corrects
        number = f"（{old.number}，{day_words(old.issued_on)}印发）"
        lines.append(
            f"本通报更正《{old.title}》{number}，原通报不再使用。更正原因：{line_of(notice.correction_reason)}"
        )
    lines += ["一、组织落实情况", *_filled(notice.organising, notice.figures)]
    lines += ["二、反馈问题整改落实情况", *_item_lines(notice.items), *_withheld_lines(notice.withheld)]
    lines += ["三、需长期坚持事项与下一步打算", *_long_term_lines(notice), *_filled(notice.plans, notice.figures)]
    lines += _filled(notice.contact, notice.figures)
    text = "\n".join(lines)
    return masked(text, notice.names) if notice.scope == Scope.PUBLIC else text


def _item_lines(items: list[dict]) -> list[str]:
    lines, category, sections = [], None, 0
    for number, item in enumerate(items, 1):
        if item["category"] and item["category"] != category:
            category, sections = item["category"], sections + 1
            lines.append(f"（{numeral(sections)}）{line_of(category)}")
        lines.append(f"{number}. {_sentence(item['problem'] or PROBLEM_HIDDEN)}")
        if item["symptoms"]:
            told = [line_of(line).rstrip("。；") for line in item["symptoms"].splitlines() if line.strip()]
            lines.append(f"具体表现：{'；'.join(told)}。")
        lines.append(f"整改情况：{_joined(item['rectification'])}")
        lines.append(f"完成状态：{item['status']}。")
    return lines or ["目前台账中没有可以列出的问题。"]


def _joined(rectification: list[str] | None) -> str:
    if rectification is None:
        return RECTIFICATION_HIDDEN
    if len(rectification) < 2:
        return line_of("".join(rectification)) or "尚未制定整改措施。"
    return "".join(f"（{number}）{line_of(words)}" for number, words in enumerate(rectification, 1))


def _sentence(words: str) -> str:
    words = line_of(words)
    return words if words.endswith(("。", "！", "？", "；")) else f"{words}。"


def _withheld_lines(withheld: list[list]) -> list[str]:
    """未公开多少、为什么, by category and no nearer."""
    if not withheld:
        return []
    parts = [f"{part.label}{count}项" for part in Withholding.Part if (count := _count(withheld, 1, part))]
    why = [f"{one.label}{count}项" for one in Withholding.Category if (count := _count(withheld, 2, one))]
    return [f"按照党务公开有关规定，未予公开的有{'、'.join(parts)}：{'，'.join(why)}。"]


def _count(withheld: list[list], place: int, value: str) -> int:
    return sum(line[place] == value for line in withheld)


def _long_term_lines(notice: ProgressNotice) -> list[str]:
    told = [item for item in notice.items if item["is_long_term"] and item["problem"]]
    if not told:
        return []
    lines = [f"（{number}）{_sentence(item['problem'])}" for number, item in enumerate(told, 1)]
    return [f"以下{len(told)}个问题的整改需要长期坚持，按期复核：", *lines]
