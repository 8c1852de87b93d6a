"""审计来源: what each address of this app does, in the auditor's words."""

from accountability.auditing import sources

sources.register(
    {
        "meetings": "打开会议列表",
        "meeting_new": "新建会议",
        "meeting_plan": "打开会议计划",
        "meeting_quota": "查看会议次数",
        "meeting_calendar": "打开会议日历",
        "meeting_backlog": "补录会议",
        "meeting_export": "导出会议表",
        "meeting_import": "查看会议导入",
        "meeting_import_confirm": "确认会议导入",
        "meeting_import_drop": "放弃会议导入",
        "meeting_revise": "修改会议记录",
        "meeting": "查看会议",
        "meeting_act": "办理会议",
        "meeting_pdf": "下载会议纪要 PDF",
        "meeting_docx": "下载会议纪要 Word",
        "meeting_ics": "下载会议日程",
        "meeting_edit": "修改会议",
        "meeting_agenda": "编辑议程",
        "meeting_item": "编辑议题",
        "meeting_paper": "下载会议材料",
        "meeting_paper_withdraw": "撤回会议材料",
        "meeting_people": "编辑参会人员",
        "meeting_check_in": "会议签到",
        "meeting_code": "查看签到码",
        "meeting_minutes": "填写会议记录",
        "meeting_resolutions": "登记决议",
        "meeting_resolution_drop": "删除决议",
        "meeting_correct": "更正会议",
        "command:load_meeting_kinds": "命令：装入会议种类",
    },
    models={
        "meeting": "meetings.meeting",
        "meeting_import": "meetings.meetingimport",
        "meeting_revise": "accountability.record",
    },
)
