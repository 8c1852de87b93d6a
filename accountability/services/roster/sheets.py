"""花名册的四张表: their columns, in the words of the people who fill them in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    name: str
    width: int
    hint: str
    required: bool = False
    is_day: bool = False
    is_text: bool = False  # of several lines, kept as they were typed
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


YES, NO = "是", "否"
KINDS = {
    "学校党委": "school",
    "学校纪委": "commission",
    "二级学院": "college",
    "直属单位": "affiliate",
    "党务部门": "party_office",
    "行政部门": "admin_office",
    "党支部": "branch",
}
# 三员 are the system administrator's business, not a roster's.
ROLES = {
    "党委办公室": "office",
    "纪委": "discipline",
    "党委书记": "secretary",
    "班子成员": "member",
    "二级党组织书记": "unit_secretary",
    "联络员": "liaison",
    "党支部书记": "branch_secretary",
    "职能部门": "department",
    "巡察办": "inspection_office",
    "巡察组成员": "inspector",
}
PORTFOLIOS = {"分管部门": "charge", "联系单位": "contact"}

ORGANISATIONS = Sheet(
    "组织",
    (
        Column("名称", 28, "组织全称", required=True),
        Column("上级组织", 22, "学校党委本身留空；党支部写所在单位"),
        Column("类型", 14, "从列表中选", required=True, choices=tuple(KINDS)),
        Column("重点领域", 14, "三（四）2 所列重点领域之一，没有则留空"),
        Column("撤销日期", 14, "在用的留空", is_day=True),
    ),
)
PEOPLE = Sheet(
    "人员",
    (
        Column("用户名", 18, "小写字母、数字、点、横线，登录用，不能重复", required=True),
        Column("姓名", 14, "", required=True),
        Column("电子邮箱", 30, "可留空"),
    ),
)
POSTS = Sheet(
    "岗位与任职",
    (
        Column("组织", 26, "与「组织」表的名称一致", required=True),
        Column("上级组织", 22, "只有党支部需要填写"),
        Column("职务", 22, "同一组织内不重名", required=True),
        Column("角色", 16, "从列表中选；决定能看什么、能办什么", required=True, choices=tuple(ROLES)),
        Column("用户名", 18, "任职的人；岗位空缺时留空"),
        Column("起任日期", 14, "填了用户名就要填", is_day=True),
        Column("离任日期", 14, "最后在任的一天；在任的留空", is_day=True),
        Column("主持工作", 10, "代理主持工作填“是”", choices=(YES, NO)),
        Column("岗位撤销日期", 14, "在用的岗位留空", is_day=True),
    ),
)
PORTFOLIO = Sheet(
    "分工",
    (
        Column("校领导职务", 24, "学校党委的岗位", required=True),
        Column("单位", 26, "分管的部门或联系的单位", required=True),
        Column("分工", 12, "从列表中选", required=True, choices=tuple(PORTFOLIOS)),
        Column("起始日期", 14, "", required=True, is_day=True),
        Column("终止日期", 14, "最后一天；仍在分管联系的留空", is_day=True),
    ),
)
SHEETS = (ORGANISATIONS, PEOPLE, POSTS, PORTFOLIO)
