"""文字: what the invented people wrote, in our own plain words; templates vary so that records do not read alike.

Keys are obligation codes of the regulation's data. Placeholders: ``{who}`` the bearer, ``{year}``, and the numbers
``{n}`` (10–40), ``{m}`` (3–9), ``{k}`` (1–3).
"""

from random import Random

# What a record is called, where the duty's own title would not do.
TITLES = {
    "inspection-plan": "{year}年度校内巡察工作部署",
    "written-report": "{year}年度主体责任落实情况书面报告",
    "personal-deployment": "部署{year}年度全面从严治党工作",
    "secretary-report": "{year}年度全面从严治党工作报告",
    "implementing-measures": "{who}四责协同实施办法（{year}年）",
    "unit-political-ecology": "{who}{year}年政治生态研判报告",
    "unit-risk-check": "{who}{year}年廉政风险点自查",
    "key-unit-risk-check": "{who}{year}年重点领域廉政风险点自查",
    "branch-report": "{who}{year}年落实责任情况报告",
    "opening-meeting": "{year}年全面从严治党干部大会暨第1次警示教育大会",
    "warning-meetings": "{year}年第{times}次警示教育大会",
    "study-sessions": "党委中心组{year}年第{times}次全面从严治党专题学习会",
    "standing-committee-meetings": "{year}年第{times}次常委会全面从严治党专题会议",
    "committee-meetings": "党委会议：{topic}",
    "integrity-pledge": "{who}{year}年廉政承诺书",
    "responsibility-plan": "{who}{year}年责任计划书",
    "project-letter": "{who}{year}年责任项目书",
    "responsibility-letter": "{who}{year}年全面从严治党责任书",
    "unit-special-meetings": "{who}{year}年第{times}次全面从严治党专题会议",
    "branch-warning-education": "{who}{year}年组织生活会暨警示教育",
    "unit-secretary-debrief": "{who}{year}年述责述廉报告",
    "member-debrief": "{who}{year}年民主生活会述责述廉材料",
}

BODIES: dict[str, tuple[str, ...]] = {
    # 党委
    "problem-list": ("从巡察反馈、审计结果和信访情况中梳理出 {n} 个问题，逐条写明来源和表现，经党委会议审议。",),
    "responsibility-list": ("对照问题清单列出 {n} 项责任，每项明确一名责任领导和一个牵头单位。",),
    "project-list": ("把各项责任细化为 {n} 个项目，写明时限、完成标志和协同单位，同步纳入督办。",),
    "opening-meeting": (
        "会议总结上一年度工作，部署今年任务。党委书记作工作报告，纪委书记通报 {m} 起校内典型问题。与会干部观看警示教育片。",
    ),
    "warning-meetings": (
        "会议通报近期查处的 {m} 起教育领域案例，剖析采购、招生和经费管理中的风险，要求各单位一周内组织传达并对照自查。",
        "纪委书记通报 {m} 起典型案例，{k} 名二级单位负责人作对照检查发言。会议要求把个案教训转化为制度改进。",
    ),
    "study-sessions": (
        "围绕党的纪律建设开展专题学习，{m} 名成员作重点发言，结合分管领域谈认识、找差距、提措施。",
        "集中学习廉洁自律有关规定，交流上半年履责体会，就科研经费监管形成 {k} 条改进意见。",
    ),
    "standing-committee-meetings": (
        "会议听取纪委关于政治生态研判、监督执纪和专项检查的报告，{m} 名班子成员交流一岗双责情况，研究确定下一步 {m} 项重点工作。",
        "会议逐项听取纪委报告，讨论二级单位责任落实中的薄弱环节，议定由牵头领导限期推动 {m} 项整改。",
    ),
    "analysis-meeting": ("会议分析全校廉政风险状况，归纳 {n} 个风险点，形成责任清单初稿，交各责任领导征求意见。",),
    "plan-meeting": ("会议逐份审议班子成员责任计划书，提出修改意见 {n} 条，要求会后三个工作日内完成签署。",),
    "progress-meeting": ("会议通报上半年进度，{m} 个单位就逾期事项作出说明，明确补办时限并由纪委办公室跟踪。",),
    "appraisal-meeting": ("会议对四个责任主体逐一评议，指出 {m} 个共性问题，评议意见反馈本人和单位。",),
    "appraisal-letter": ("依据评议会意见形成评议书，写明成效、不足和下一年度改进方向，经审定后归档。",),
    "written-report": ("报告写明年度责任落实情况、主要问题和改进安排，已按规定程序报出，收文回执存档。",),
    "party-affairs-meetings": (
        "会议布置本季度党务重点，通报各单位责任完成进度，对 {m} 个进度偏慢的单位逐一提醒。",
        "会议检查上次议定事项，{m} 个单位作交流，就基层党支部工作规范提出 {k} 项要求。",
    ),
    "inspection-plan": ("研究确定本年度校内巡察 {m} 个单位，明确时间安排、组成人员和重点内容。",),
    "rectification-oversight": (
        "对照整改台账逐条核对，本次销号 {n} 项，{m} 项因涉及制度修订延后，重新明确时限和责任人。",
        "听取 {m} 个单位整改汇报，现场抽查印证材料，对 {k} 个单位提出限期补正要求。",
    ),
    "assessment": ("对全部二级党组织和校领导责任落实情况综合评价，结果反馈本人和单位，供年度考核使用。",),
    "committee-meetings": (
        "会议传达上级会议和文件精神，结合学校实际研究贯彻意见，议定 {m} 项落实措施，由党委办公室督办。",
        "会议听取有关单位汇报，讨论处置意见，明确牵头单位和完成时限，要求一个月内反馈进展。",
    ),
    # 纪委
    "political-supervision": ("检查 {m} 个单位贯彻上级部署情况，发现问题 {n} 个，形成反馈意见并约定整改时间。",),
    "warning-circular": ("选取 {m} 起案例编发通报，发至各二级党组织，要求组织学习并于两周内反馈情况。",),
    "risk-control-inspection": ("对全部重点领域部门开展督查，抽查业务 {n} 笔，发现风险事项 {m} 个，建立台账跟踪。",),
    "integrity-archives": ("完成在任中层以上干部档案更新，补充年度述责述廉和个人事项变化，新建档案 {n} 份。",),
    "political-ecology-analysis": (
        "综合监督、信访、巡察和审计信息，研判全校政治生态状况，提出 {m} 条建议提交常委会专题会议。",
    ),
    "mechanism-inspections": (
        "围绕责任是否分解、项目是否落实、各方是否协同、失责是否追究，检查 {n} 个单位，当面反馈问题 {n} 个。",
        "采取查阅台账、个别访谈和现场核对方式检查 {n} 个单位，对 {m} 个单位发出整改提示。",
    ),
    "joint-supervision-meetings": (
        "纪委办公室、巡察、组织、人事、财务、审计等单位通报各自发现的问题，议定 {m} 项联动事项和分工。",
        "会议汇总各类监督线索，围绕采购和薪酬发放两个方面确定联合检查安排，指定牵头单位。",
    ),
    "discipline-reports": ("向党委报告监督执纪问责情况，分析问题分布和成因，提出 {m} 条工作建议。",),
    "integrity-opinions": ("对拟任人选查核廉政档案和有关反映，书面回复组织部，共 {m} 人。",),
    "accountability-actions": ("对一项长期逾期的责任事项约谈主要责任人，责令限期完成并在党务例会上说明。",),
    "topic-research": ("就学生活动经费使用中的共性问题开展调研，走访 {m} 个单位，提出规范建议 {k} 条。",),
    "special-inspections": ("对后勤采购领域开展专项巡察，反馈问题 {n} 个，要求三个月内完成整改。",),
    # 书记
    "personal-deployment": ("主持研究年度工作要点，对重点任务逐项提出要求，工作要点已印发各单位。",),
    "personal-inquiry": ("听取招生监督工作情况汇报，询问关键环节的防控措施，要求纪委派员全程监督。",),
    "personal-coordination": ("召集财务、资产、审计三部门，协调实验设备采购遗留问题，明确牵头单位和解决时限。",),
    "personal-oversight": ("听取一起信访件办理情况，要求限期查清事实、依规处理，并举一反三检查同类事项。",),
    "secretary-heart-talks": (
        "与全体班子成员逐一谈心谈话，了解分管领域情况，肯定成绩，指出 {m} 个方面的不足。",
        "结合年度任务与班子成员个别交流，提醒关注 {m} 项风险，听取对党委工作的意见。",
    ),
    "secretary-hearings": ("听取全部班子成员履责汇报，逐一提出意见，要求重点跟进 {m} 项进度偏慢的项目。",),
    "secretary-reminder-talks": ("谈话内容按知悉范围保管，不在履责记录中记载。",),
    "project-comments": ("逐份审阅班子成员责任项目书并写出意见，其中 {m} 份退回补充目标和时限。",),
    "secretary-report": ("在年度工作会议上报告全年情况，总结成效和不足，部署下一年度重点任务。",),
    # 班子成员
    "member-education": (
        "对分管部门和联系单位主要负责人开展廉政教育，结合身边案例提醒严格执行采购和经费管理规定。",
        "召集分管部门负责人集体谈话，通报 {k} 起案例，要求管好班子、带好队伍、守好底线。",
    ),
    "member-reminder-talks": ("谈话内容按知悉范围保管，不在履责记录中记载。",),
    "integrity-pledge": ("本人签署承诺书，就廉洁自律、分管领域监管和家风建设作出 {m} 项承诺。",),
    "responsibility-plan": ("结合分工列出年度责任 {m} 项，经审议会审议后签署。",),
    "project-letter": (
        "确定年度责任项目 {k} 个，写明目标、时限和牵头单位，本人签字。",
        "围绕分管领域薄弱环节确定项目 {k} 个，明确季度节点和完成标志。",
    ),
    "member-hearings": (
        "听取分管部门和联系单位主要负责人汇报，指出 {m} 个问题，议定整改措施和时间。",
        "现场听取汇报并查看台账，要求进一步压实岗位责任，{k} 项措施月底前到位。",
    ),
    "member-research-visits": (
        "到联系单位调研，召开座谈会 {k} 场，了解责任落实情况，就制度执行提出 {m} 点要求。",
        "深入分管部门检查重点岗位风险防控，抽查资料 {n} 份，当场反馈意见。",
    ),
    "member-debrief": ("围绕履行一岗双责情况报告全年工作，检视 {m} 个方面不足，提出改进措施。",),
    # 二级党组织
    "implementing-measures": (
        "结合本单位实际修订实施办法，新增请示报告和台账管理条款，经党组织会议讨论通过。",
        "对照学校部署重新确认本单位办法继续执行，补充 {k} 条落实举措。",
    ),
    "responsibility-letter": (
        "与学校签订年度责任书，附责任、任务、制度三张清单，由主要负责人签字。",
        "经党组织会议审定后签署责任书，明确班子成员分工和年度目标。",
    ),
    "unit-responsibility-list": (
        "班子每名成员责任落实到岗，共列责任 {n} 项，在本单位公开。",
        "结合岗位调整更新责任清单，明确 {n} 项责任和对应责任人。",
    ),
    "unit-task-list": (
        "列出年度任务 {n} 项，每项有时限和完成标志，按季度检查。",
        "围绕责任书分解任务 {n} 项，明确牵头人和配合人员。",
    ),
    "unit-rule-list": (
        "梳理现行制度 {n} 项，本年度拟修订 {m} 项、新立 {k} 项、废止 {k} 项。",
        "清理本单位制度，列明有效文件 {n} 件，提出立改废计划。",
    ),
    "unit-special-meetings": (
        "会议传达学校党委部署，梳理本单位廉政风险 {m} 项，讨论防控措施并明确责任人。",
        "会议学习警示案例，检查责任清单完成情况，对 {k} 项滞后任务重新安排时间。",
    ),
    "unit-half-year-report": (
        "报告上半年责任落实情况，完成任务 {n} 项，未完成 {k} 项已说明原因和补办时间。",
        "总结上半年工作，列出存在问题 {m} 个，提出下半年重点措施。",
    ),
    "unit-political-ecology": (
        "通过谈心谈话、问卷和座谈了解情况，研判本单位政治生态总体平稳，提醒 {k} 个苗头性问题。",
        "综合师生反映和日常监督情况形成研判报告，就评优评先公开透明提出改进意见。",
    ),
    "unit-risk-check": (
        "对照权力事项逐项自查，涉及经费报销、学生评优、设备采购等环节，发现的问题已制定措施。",
        "组织各系和办公室开展自查，对发现的薄弱环节完善审批流程，明确责任人和时限。",
    ),
    "key-unit-risk-check": (
        "对照重点领域权力事项逐项自查，对发现的薄弱环节明确整改责任人和时限。",
        "围绕重点岗位和关键环节开展自查，抽查业务 {n} 笔，发现的问题已明确整改责任人。",
    ),
    "unit-duty-report": (
        "报告全年责任落实情况，完成任务 {n} 项，查找不足 {m} 个，提出下一年度打算，经党组织会议通过。",
        "从学习教育、日常监管、风险防控三个方面总结全年履责，附问题清单和整改情况。",
    ),
    "unit-secretary-debrief": (
        "报告本人履行第一责任人职责情况，对照职责查找 {m} 个方面不足，提出改进措施。",
        "围绕带班子、抓支部、严律己报告全年情况，如实说明群众反映问题的处理结果。",
    ),
    "unit-problem-reports": ("上报实验耗材采购审批链条过长的问题，说明已采取的措施，请求有关部门支持完善流程。",),
    "branch-warning-education": (
        "支部党员集中学习案例通报，结合岗位开展对照检查，{m} 名党员发言，支部书记作小结。",
        "以案说纪开展警示教育，讨论学术诚信和经费使用规范，提出支部改进措施 {k} 条。",
        "观看警示教育片后分组讨论，党员逐一表态，支部就考勤和报销提出提醒。",
    ),
    "branch-report": (
        "报告支部落实责任情况，开展谈心谈话 {n} 人次，落实上级任务 {m} 项，存在不足 {k} 个。",
        "总结全年支部工作，说明组织生活和党员教育开展情况，提出来年改进方向。",
    ),
}

OPENINGS = ("", "", "", "按照年度安排，", "根据工作部署，")
CLOSINGS = ("", "", "有关材料已归档。", "后续情况将继续跟踪。", "会后抓好落实。", "责任人已明确。")

RESOLUTIONS = (
    "议定事项由牵头单位一个月内反馈办理情况。",
    "同意所报材料，按会议意见修改后印发。",
    "请各单位于本周内组织传达，并留存记录。",
    "对进度滞后的事项，由责任人作出书面说明。",
    "请纪委办公室对落实情况开展跟踪监督。",
    "请财务处、审计处会同完善有关审批流程。",
    "把会议要求纳入下次党务例会检查内容。",
    "建立问题台账，明确责任人和完成时限。",
)
# 党委会议的议题: (月, 日, 议题).
TOPICS = {
    2025: (
        (2, 21, "传达上级全面从严治党工作会议精神"),
        (4, 18, "研究深入贯彻作风建设有关要求"),
        (5, 23, "听取招生监督工作安排"),
        (9, 12, "研究新学期廉洁教育工作"),
        (10, 24, "审议校内巡察反馈意见"),
        (12, 5, "研究岁末年初廉洁纪律要求"),
    ),
    2026: (
        (1, 16, "传达上级纪律检查机关会议精神"),
        (3, 6, "研究年度全面从严治党工作要点"),
        (4, 17, "审议招标采购管理办法修订稿"),
        (5, 22, "听取研究生招生监督情况汇报"),
        (7, 3, "研究巡察整改推进事项"),
        (9, 11, "研究教师节和中秋国庆期间廉洁纪律要求"),
        (10, 23, "听取科研经费专项检查情况汇报"),
        (11, 13, "研究基建工程廉政风险防控措施"),
    ),
}
SCHOOL_PLACES = ("行政楼三楼会议室", "行政楼第一会议室", "大学生活动中心报告厅", "图书馆学术报告厅")
UNIT_PLACES = ("本单位会议室", "党员活动室", "教学楼 301 会议室", "办公楼二楼会议室")
LATE_REASONS = (
    "纸质材料当时已归档，机制专员轮岗，现补录。",
    "参会人员签到表回收较晚，材料齐后补录。",
    "联络员外出培训，返校后补录。",
    "当时记录在纸质台账，现转入系统。",
)
# 校级会议: how many are expected, and who.
LARGE = "校领导、全体中层以上干部；纪委办公室、党委巡察办公室列席。"
SMALL = "常委会委员；纪委和有关部门负责人列席。"
COUNCIL = "校领导、各二级党组织书记、有关部门负责人。"
TRIGGER = "传达学习上级党委和纪检机关有关会议、文件精神"
SCHOOL_MEETINGS = {
    "opening-meeting": (186, LARGE),
    "warning-meeting": (186, LARGE),
    "study-session": (22, "党委中心组成员；宣传部、纪委办公室列席。"),
    "standing-committee-meeting": (11, SMALL),
    "committee-meeting": (11, SMALL),
    "analysis-meeting": (26, COUNCIL),
    "plan-meeting": (24, COUNCIL),
    "progress-meeting": (62, COUNCIL),
    "appraisal-meeting": (62, COUNCIL),
    "party-affairs-meeting": (46, "各二级党组织书记、党务部门负责人。"),
    "joint-supervision-meeting": (16, "纪委委员、监督合力成员单位负责人。"),
}


def title_of(code: str, fallback: str, **facts) -> str:
    """名称 of the record: by the obligation, else ``fallback``."""
    return TITLES.get(code, fallback).format(**facts)


def body_of(code: str, random: Random, **facts) -> str:
    """内容, one of the variants with numbers filled in."""
    numbers = {"n": random.randint(10, 40), "m": random.randint(3, 9), "k": random.randint(1, 3)}
    body = random.choice(BODIES[code]).format(**numbers, **facts)
    return random.choice(OPENINGS) + body + random.choice(CLOSINGS)


def resolutions(random: Random) -> str:
    chosen = random.sample(RESOLUTIONS, random.randint(2, 3))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(chosen, 1))
