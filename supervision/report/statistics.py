"""统计表: the figures of a report as a workbook, a sheet for each of its tables, from the same frozen values (三（三）1, 四（三）)."""

import re
from collections.abc import Iterator

from accountability.papers.layout import width
from accountability.sheets import Table
from supervision.models import FigureSet
from supervision.report.exhibits import is_chart
from supervision.report.shown import SERIES
from supervision.report.values import code_of, words_of

SUMMARY = "指标汇总"
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31  # characters Excel gives a sheet's name
NARROW, WIDE = 8, 44


def tables_of(figure_set: FigureSet) -> list[Table]:
    """指标汇总, then every table in the order of the report, its annexes included, each once."""
    taken = figure_set.figures
    names = Names([SUMMARY])
    sheets = [_sheet(names.of(name), taken["exhibits"][name], taken) for name in _in_order(taken)]
    return [_summary(taken), *sheets]


def _in_order(taken: dict) -> list[str]:
    named = [name for part in (*taken["chapters"], *taken["annexes"]) for name in part["exhibits"]]
    return [name for name in dict.fromkeys([*named, *taken["exhibits"]]) if not is_chart(taken["exhibits"][name])]


class Names:
    """Names that Excel allows: none twice, whatever their case, none too long."""

    def __init__(self, taken: list[str]):
        self.taken = {name.casefold() for name in taken}

    def of(self, name: str) -> str:
        plain = NOT_IN_NAMES.sub(" ", name).strip(" '") or "表"
        for number in range(1, 1000):
            end = f"（{number}）" if number > 1 else ""
            fits = plain[: LONGEST_NAME - len(end)] + end
            if fits.casefold() not in self.taken:
                self.taken.add(fits.casefold())
                return fits
        raise ValueError(f"a thousand tables are called {name}")


def _summary(taken: dict) -> Table:
    """Every figure with its code, as the report's text and tables cite it."""
    places = _places(taken)
    heads = [
        ("编号", 10),
        ("指标", 40),
        ("数值", 12),
        ("单位", 8),
        ("计算方法", 36),
        ("系列", 16),
        ("所在表（条款）", 40),
    ]
    rows = [
        [
            figure["code"],
            figure["label"],
            figure["value"],
            figure["unit"],
            _formula(figure),
            SERIES.get(figure["code"].partition("-")[0], ""),
            "；".join(places.get(figure["code"], ())),
        ]
        for figure in taken["figures"].values()
    ]
    return Table(SUMMARY, heads, rows, title=taken["title"], note=_note(taken), fixed_columns=2)


def _formula(figure: dict) -> str:
    """How it is counted; a rate names the figures it is made of."""
    if figure["model"] != "rate":
        return "按台账记录计数"
    return f"{figure['formula']}（{'、'.join(figure['parts'])}）"


def _places(taken: dict) -> dict[str, list[str]]:
    """In which tables a figure stands, and for which clause."""
    found: dict[str, dict[str, None]] = {}
    for exhibit in map(taken["exhibits"].get, _in_order(taken)):
        place = f"{exhibit['title']}（{exhibit['clause']}）" if exhibit.get("clause") else exhibit["title"]
        for _, row in _rows(exhibit):
            for cell in row:
                if code := code_of(cell):
                    found.setdefault(code, {})[place] = None
    return {code: list(places) for code, places in found.items()}


def _rows(exhibit: dict) -> Iterator[tuple[str, list]]:
    """Each row with the name of its group; the sum last."""
    for group in exhibit.get("groups") or []:
        for row in group["rows"]:
            yield group.get("name") or "", row
    if exhibit.get("sum"):
        yield "", exhibit["sum"]


def _sheet(name: str, exhibit: dict, taken: dict) -> Table:
    grouped = any(group for group, _ in _rows(exhibit))
    titles = [*(["类别"] if grouped else []), *(column["title"] for column in exhibit["columns"])]
    rows = [[*([group] if grouped else []), *(_value(cell, taken) for cell in row)] for group, row in _rows(exhibit)]
    heads = [(title, _fitting(title, [row[at] for row in rows])) for at, title in enumerate(titles)]
    return Table(name, heads, rows, title=exhibit["title"], note=_note(taken, exhibit), fixed_columns=1 + grouped)


def _value(cell, taken: dict):
    """A figure as its number, a rate and a light in words."""
    code = code_of(cell)
    return taken["figures"][code]["value"] if code else words_of(cell, taken)


def _fitting(title: str, values: list) -> int:
    """The width of a column in half characters."""
    longest = max((width(str(value)) for value in (title, *values)), default=0)
    return round(min(max(2 * longest + 2, NARROW), WIDE))


def _note(taken: dict, exhibit: dict | None = None) -> str:
    exhibit = exhibit or {}
    regulation = taken.get("regulation")
    said = [
        f"{taken['scope']['name']} {taken['year']}年度",
        f"数据时间：{taken['taken_at']}",
        f"单位：{exhibit['unit']}" if exhibit.get("unit") else "",
        f"依据：《{regulation['title']}》{exhibit.get('clause') or ''}" if regulation else "",
        exhibit.get("note") or "",
    ]
    return "　".join(words for words in said if words)
