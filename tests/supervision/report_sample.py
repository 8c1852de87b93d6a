"""A report's figures and text by hand: every kind of exhibit, noughts, long names; no database."""

UNITS = (
    "会计学院", "金融学院", "经济学院", "国际经贸学院", "工商管理学院", "财政税务学院", "法学院", "外国语学院",
    "信息工程学院", "马克思主义学院（思想政治理论课教学科研部、党的建设研究中心）", "统计与数据科学学院", "公共管理学院",
    "党委办公室（校长办公室）", "纪委办公室（监察处）", "党委组织部（党校）", "党委宣传部（新闻中心）", "人事处", "财务处",
)  # fmt: skip
LEGEND = ("done", "partly", "late", "open")


def figures(units: int = 18, annexes: int = 2) -> dict:
    """The shape in which figures are frozen, of so many units."""
    found: dict[str, dict] = {}

    def keep(code: str, label: str, value, unit: str = "项", **more) -> dict:
        found[code] = {
            "code": code,
            "label": label,
            "value": value,
            "unit": unit,
            "model": "duty",
            "ids": [],
            "url": "",
        } | more
        return {"figure": code}

    keep("F-01", "全年责任事项", 1170)
    keep("F-02", "已完成", 879)
    keep("F-03", "逾期未完成", 12)
    keep("F-04", "未到期", 279)
    keep("F-05", "警示教育大会已召开", 2, "次")
    keep("F-06", "二级单位责任书已签订", 38, "份")
    keep("F-07", "整改措施", 115, "条")
    keep("F-08", "整改措施已完成", 74, "条")
    keep(
        "F-09",
        "到期办结率",
        "98.7%",
        "",
        model="rate",
        formula="已完成 ÷（已完成＋逾期未完成）",
        parts=["F-02", "F-03"],
    )
    keep("F-10", "责任追究率", "—", "", model="rate", formula="已有结论 ÷ 失责事项", parts=[])
    keep("F-43", "整改措施基本完成", 25, "条")
    keep("F-44", "整改措施未完成", 16, "条")
    keep("Y-01", "上年同期已完成", 840)
    rows = [
        [name, keep(f"U-{at:02d}1", f"{name}责任事项", 20 + at), keep(f"U-{at:02d}2", f"{name}已完成", 18 if at else 0),
         keep(f"U-{at:02d}3", f"{name}逾期", at % 3), {"light": "late", "words": f"逾期 {at % 3} 项"} if at % 3 else {"light": "ok", "words": "正常"},
         "整改措施逾期30日以上" if at % 3 else "—"]
        for at, name in enumerate((UNITS * (units // len(UNITS) + 1))[:units])
    ]  # fmt: skip
    return {
        "scope": {"kind": "school", "name": "中共江海经贸大学委员会", "organisation": 1, "post": None},
        "year": 2025,
        "on": "2025-11-29",
        "taken_at": "2025-11-29 16:40",
        "regulation": {"title": "江海经贸大学全面从严治党“四责协同”实施办法", "document_number": "江海经贸委〔2024〕18号", "in_force_on": "2024-09-01"},
        "title": "中共江海经贸大学委员会关于2025年度落实全面从严治党主体责任情况的报告",
        "figures": found,
        "exhibits": {
            "责任完成情况": bars(keep), "年度进度": progress(), "会议分布": timeline(), "四项检查": rates(keep), "整改措施": waffle(),
            "会议召开情况": meetings(keep), "二级单位履责": unit_table(rows), "校领导履责": leaders(), "没有记录": nothing(),
        },
        "chapters": [
            {"title": "总体情况", "clause": "四（三）", "exhibits": ["责任完成情况", "年度进度"]},
            {"title": "“3+2+N”会议", "clause": "三（一）1至3", "exhibits": ["会议召开情况", "会议分布"]},
            {"title": "二级单位履责情况", "clause": "三（三）2、3", "exhibits": ["二级单位履责"]},
            {"title": "巡视巡察整改", "clause": "三（四）1", "exhibits": ["整改措施"]},
            {"title": "责任落实四项检查", "clause": "四（三）", "exhibits": ["四项检查"]},
            {"title": "下一步安排", "clause": "四（四）", "exhibits": []},
        ],
        "annexes": [
            {"title": "2025年度“3+2+N”会议召开情况表", "exhibits": ["会议召开情况"]},
            {"title": "校领导履责明细表", "exhibits": ["校领导履责", "没有记录"]},
        ][:annexes],
    }  # fmt: skip


def bars(keep) -> dict:
    """Every fill; pieces too narrow for their numbers; a row of noughts with a name longer than its column."""
    rows = []
    for at, (label, values) in enumerate(
        {
            "党委": (35, 1, 0, 8),
            "班子成员": (262, 7, 2, 56),
            "二级单位党组织": (489, 12, 10, 202),
            UNITS[9]: (0, 0, 0, 0),
        }.items()
    ):
        codes = [
            keep(f"F-3{at}{part}", f"{label}{kind}", value)
            for part, (kind, value) in enumerate(zip(LEGEND, values, strict=True))
        ]
        parts = [{"kind": kind, **code} for kind, code in zip(LEGEND, codes, strict=True)]
        owed = keep(f"F-3{at}8", f"{label}责任事项", sum(values))["figure"]
        rows.append({"label": label, "owed": owed, "rate": "F-09" if sum(values) else "F-10", "parts": parts})
    return {
        "kind": "bars", "title": "办结率均在98%以上，逾期集中在二级单位", "alt": "四条横条，按完成状态分段。", "unit": "项",
        "note": "条长为各主体内部占比，数字为项数。", "rows": rows,
        "legend": {"done": "按期完成", "partly": "逾期完成", "late": "逾期未完成", "open": "未到期"},
    }  # fmt: skip


def progress() -> dict:
    months = [
        {"month": at, "due": 8 * at * at, "done": 8 * at * at - at if at < 12 else None, "before": 7 * at * at}
        for at in range(1, 13)
    ]
    return {"kind": "progress", "title": "办结进度快于上年同期", "alt": "三条按月累计的线。", "unit": "项", "months": months,
            "note": "虚线：按期限应完成；实线：已完成。", "year": 2025, "last_year": 2024}  # fmt: skip


def timeline() -> dict:
    def row(label: str, held: list[str], next_on: str = "", *, figure: str = "", open_ended: bool = False) -> dict:
        return {
            "label": label,
            "title": label,
            "held": held,
            "next": next_on,
            "open_ended": open_ended,
            "figure": figure,
        }

    return {
        "kind": "timeline", "year": 2025, "on": "2025-11-29", "title": "规定会议已召开4次，其余未到期限", "alt": "", "unit": "次",
        "note": "实心：已召开；虚线：下一次期限；菱形：N 次会议。",
        "rows": [
            row("警示教育大会", ["2025-02-27", "2025-06-26"], "2025-12-11", figure="F-05"),
            row("分析研究会和审议会", ["2025-03-06", "2025-03-09"]),
            row("N次会议", [f"2025-{at:02d}-{at * 2 + 1:02d}" for at in range(1, 12)], open_ended=True),
            row("年度工作报告", [], "2026-02-26"),
            row("没有开过的会议", []),
        ],
    }  # fmt: skip


def rates(keep) -> dict:
    keep("F-40", "分解明确符合", 1156)
    keep("F-41", "分解明确未符合", 14)
    keep("F-42", "分解明确", "98.8%", "", model="rate", formula="责任人在任的责任 ÷ 全部责任", parts=["F-40", "F-01"])
    keep("Y-02", "2024年分解明确", "97.9%", "", model="rate", formula="责任人在任的责任 ÷ 全部责任", parts=[])

    def row(asked: str, figure: str, months: list, **more) -> dict:
        return {"label": asked[2:6], "asked": asked, "figure": figure, "months": months, "before": None} | more

    return {
        "kind": "rates", "title": "四项检查中分解明确占比最高", "alt": "", "unit": "%", "note": "折线为各月末数值。", "year": 2025,
        "rows": [
            row("责任分解是否明确", "F-42", [None, 90.0, 0.0, *[95.5] * 8], well="F-40", whole="F-01", lacking="F-41", before="Y-02"),
            row("责任项目是否落实", "F-09", [96.2] * 12),
            row("责任追究是否严格", "F-10", [None] * 12),
        ],
    }  # fmt: skip


def waffle() -> dict:
    parts = [("done", "已完成", "F-08"), ("partly", "基本完成", "F-43"), ("open", "未完成", "F-44")]
    return {
        "kind": "waffle", "title": "115条措施已完成74条", "alt": "", "unit": "条", "whole": "F-07", "note": "一格为一条措施。",
        "parts": [{"kind": kind, "label": label, "figure": code} for kind, label, code in parts],
    }  # fmt: skip


def column(title: str, align: str = "left") -> dict:
    return {"title": title, "align": align}


def meetings(keep) -> dict:
    asked, held = keep("F-20", "警示教育大会应召开", 3, "次"), {"figure": "F-05"}
    return {
        "kind": "table", "title": "“3+2+N”会议的要求与召开", "clause": "三（一）1至3", "unit": "次", "note": "N 只计次数，不设目标。",
        "columns": [column("会议"), column("要求", "right"), column("召开", "right"), column("召开日期"), column("状态")],
        "groups": [{"name": "", "rows": [
            ["中层以上干部警示教育大会", asked, held, "2月27日、6月26日", {"light": "rest", "words": "已排期"}],
            ["党委理论学习中心组全面从严治党专题学习会", "2", "2", "4月17日、10月16日", {"light": "ok", "words": "已完成"}],
            ["根据需要召开的会议", "不设", "11", "1月9日至11月13日", {"light": "none", "words": "不设目标"}],
        ]}],
        "sum": None,
    }  # fmt: skip


def unit_table(rows: list[list]) -> dict:
    half = len(rows) // 2
    return {
        "kind": "table", "title": "二级单位履责情况", "unit": "项", "note": "来源：责任台账。",
        "columns": [column("单位"), column("责任事项", "right"), column("已完成", "right"), column("逾期", "right"), column("状态"), column("原因")],
        "groups": [{"name": f"学院（{half}个）", "rows": rows[:half]}, {"name": f"党政部门（{len(rows) - half}个）", "rows": rows[half:]}],
        "sum": ["合计", {"figure": "F-01"}, {"figure": "F-02"}, {"figure": "F-03"}, "", ""],
    }  # fmt: skip


def leaders() -> dict:
    """A table wider than an upright page."""
    duties = (
        "承诺书",
        "责任计划",
        "责任项目",
        "听取汇报",
        "谈话提醒",
        "调研督查",
        "联系单位指导",
        "民主生活会述责",
        "年度述责述廉报告",
        "专题民主生活会",
    )
    columns = [
        column("职务"),
        column("分管部门"),
        *(column(each, "centre") for each in duties),
        column("责任事项", "right"),
        column("办结", "right"),
        column("状态"),
    ]
    rows = [
        [f"分管第{at}项工作的副校长", "财务处、审计处、国有资产管理处、招投标办公室", *["1/1", "0/2"] * (len(duties) // 2), "24", "24", {"light": "ok", "words": "正常"}]
        for at in range(1, 23)
    ]  # fmt: skip
    return {
        "kind": "table",
        "title": "校领导履责明细",
        "unit": "项",
        "note": "",
        "columns": columns,
        "groups": [{"name": "", "rows": rows}],
        "sum": None,
    }


def nothing() -> dict:
    return {
        "kind": "table",
        "title": "没有记录的表",
        "unit": "",
        "note": "",
        "columns": [column("编号"), column("事项")],
        "groups": [],
        "sum": None,
    }


TEXT = """\
现将2025年度情况报告如下。
一、总体情况
全年列入责任事项1170〔F-01〕项，已完成879〔F-02〕项，逾期未完成12〔F-03〕项，未到期279〔F-04〕项，到期办结率98.7%〔F-09〕。上年同期已完成840〔Y-01〕项。
年初召开全面从严治党分析研究会，签订二级单位责任书38〔F-06〕份；“第一责任人”责任由书记逐项过问，警示教育大会召开2〔F-05〕次。
〔图：责任完成情况〕
〔图：年度进度〕
二、“3+2+N”会议
应召开警示教育大会3〔F-20〕次，已召开2〔F-05〕次。
（一）要求与召开
常委会专题会议四项必备议程齐全，各次会议均形成纪要并落实到人。
〔表：会议召开情况〕
〔图：会议分布〕
三、二级单位履责情况
各单位责任书全部签订38〔F-06〕份。
〔表：二级单位履责〕
四、巡视巡察整改
整改措施115〔F-07〕条，已完成74〔F-08〕条。
〔图：整改措施〕
五、责任落实四项检查
到期办结率98.7%〔F-09〕，责任追究率—〔F-10〕。
〔图：四项检查〕
六、下一步安排
请在此写明下一年度的主要措施。
| 时间 | 事项 | 责任主体 |
| 1月15日 | 向上级党委和纪委书面报告年度情况 | 党委 |
| 3月31日 | 签订承诺书、计划书、项目书 | 校领导、二级单位 |
"""
