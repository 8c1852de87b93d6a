"""六步闭环: 知责·明责·履责·尽责·督责·问责 of each subject, computed from the ledger, never typed in (一（二）).

知责 somebody holds each post that answers; 明责 the books and lists are made; 履责 what is due is done; 尽责 meetings and
reports are as many as asked; 督责 nothing handed in waits for its reviewer; 问责 what failed was answered.
"""

from dataclasses import dataclass

from accountability.ledger import LedgerFilter
from accountability.models import Light, Subject
from supervision.board.tally import Tally

DUE = (Light.DONE, Light.LATE)
# What is counted, by name: each a narrowing of the subject's part of the ledger.
COUNTED = {
    "total": {},
    "vacant": {"such": ("vacant",)},
    "books": {"such": ("books",)},
    "books_done": {"such": ("books",), "states": (Light.DONE,)},
    "books_late": {"such": ("books",), "states": (Light.LATE,)},
    "due": {"states": DUE},
    "done": {"states": (Light.DONE,)},
    "kept": {"such": ("meetings-reports",)},
    "kept_done": {"such": ("meetings-reports",), "states": (Light.DONE,)},
    "kept_late": {"such": ("meetings-reports",), "states": (Light.LATE,)},
    "reviewing": {"states": ("reviewing",)},
    "long_late": {"such": ("long-late",)},
    "unpursued": {"such": ("unpursued",)},
}


@dataclass(frozen=True)
class Step:
    """一步: light, words, the rows it speaks of, and what it means."""

    name: str
    light: str
    words: str
    url: str
    meaning: str


def loops(told: Tally, year: int) -> dict[str, list[Step]]:
    """By subject, from the tally of the year."""
    every = LedgerFilter(year=year)
    return {
        subject: _steps({name: told.of(subject, name) for name in COUNTED}, every.but(subject=subject.value))
        for subject in Subject
    }


def _steps(told: dict, chosen: LedgerFilter) -> list[Step]:
    def url(name: str) -> str:
        return chosen.but(**COUNTED[name]).url

    due, done = told["due"], told["done"]
    return [
        _lacking("知责", told["total"], told["vacant"], "缺", url("vacant"), chosen.url, "每项责任都有在任的责任人"),
        _made("明责", told, "books", url, "文书和清单已形成"),
        Step("履责", *_carried(due, done), chosen.but(states=DUE).url, "已完成 ÷ 已到期或已完成"),
        _made("尽责", told, "kept", url, "该开的会已开、该交的报告已交"),
        Step("督责", Light.SOON, f"{told['reviewing']} 待审", url("reviewing"), "报来的佐证都已审核")
        if told["reviewing"]
        else Step("督责", Light.DONE if done else Light.IDLE, "无待审" if done else "未启动", chosen.url, "报来的佐证都已审核"),
        _lacking("问责", told["long_late"], told["unpursued"], "欠", url("unpursued"), url("long_late"), "逾期的已督办或问责"),
    ]  # fmt: skip


def _lacking(name: str, whole: int, lacking: int, word: str, lacking_url: str, url: str, meaning: str) -> Step:
    if lacking:
        return Step(name, Light.LATE, f"{word} {lacking}", lacking_url, meaning)
    return Step(name, Light.DONE if whole else Light.IDLE, "齐" if whole else "无", url, meaning)


def _made(name: str, told: dict, what: str, url, meaning: str) -> Step:
    whole, done, late = told[what], told[f"{what}_done"], told[f"{what}_late"]
    if not whole:
        return Step(name, Light.IDLE, "不涉及", url(what), meaning)
    if late:
        return Step(name, Light.LATE, f"欠 {late}", url(f"{what}_late"), meaning)
    return Step(
        name,
        Light.DONE if done == whole else Light.SOON,
        "齐" if done == whole else f"{done}/{whole}",
        url(what),
        meaning,
    )


def _carried(due: int, done: int) -> tuple[str, str]:
    if not due:
        return Light.IDLE, "未到期"
    return (Light.DONE, "齐") if done == due else (Light.SOON, f"{100 * done // due}%")
