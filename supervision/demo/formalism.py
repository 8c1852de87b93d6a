"""形式主义提示的演示: one report copied by another college, one photo used twice, one hint looked at and dismissed (四（三）)."""

from datetime import date, datetime

from django.utils import timezone

from accountability.models import ActKind, Job, Organisation, Person, Post, Role, Tenure
from accountability.services.duties import assign
from accountability.services.records import file_record
from supervision.demo import files
from supervision.demo.clock import moment, standing_at
from supervision.demo.people import unit_named
from supervision.models import Hint
from supervision.services import hints

YEAR = 2026
FIRST, COPIED = "金融管理学院", "工商管理学院"
WITH_PHOTO = "外国语学院"
ANALYSIS = """按照学校纪委部署，金融管理学院党委九月下旬至十月中旬对本单位政治生态作了一次研判，现报告如下。
一、怎样研判的
发放问卷九十八份，收回九十三份；与系主任、教研室主任和青年教师谈话二十五人；查阅党委会、党政联席会记录四十一份，抽查六个支部的会议记录本。对班子评价“好”和“较好”的占九成一，对评优评先表示满意的不到八成，是各项中最低的。
二、看到的问题
评优评先轮流坐庄。近五年年度考核优秀四十八人次，各系按人数平均分，系里再按年龄轮，干多干少差别不大，青年教师意见集中。
校企合作项目对账不及时。学院与七家机构签有培训协议，收费由合作方代收，有两个项目跨了年度还没有结算，协议是前任签的，续签时没有重新审查。
两个支部用集中看视频代替讨论，会议记录三次雷同。
三、原因
党委对合作办学这类新情况研究不够，监督停在要求填表；系主任怕得罪人，把矛盾交给轮流这个办法。
四、打算
十二月底前修订考核办法，按教学科研和公共服务的实绩排序，全院公示；培训收费全部进学校账户，历史账目由财务秘书和纪检委员逐笔核对；组织员跟班指导两个支部，每次会后看记录。"""
SWAPS = (
    (FIRST, COPIED),
    ("九月下旬至十月中旬", "九月中旬至十月下旬"),
    ("九十八份，收回九十三份", "一百二十份，收回一百一十四份"),
    ("二十五人", "三十人"),
    ("四十一份，抽查六个", "三十八份，抽查七个"),
    ("占九成一", "占九成三"),
    ("四十八人次", "五十六人次"),
    ("七家机构", "九家企业"),
    ("有两个项目跨了年度还没有结算", "有三个项目至今没有结清"),
    ("研究不够", "重视不够"),
    ("怕得罪人", "存在好人主义"),
)
TOGETHER = "统计与信息学院", "信息化办公室"
JOINT = """统计与信息学院与信息化办公室于十月十二日联合检查了校园数据平台建设项目的验收和付款，现将情况报告如下。
抽查合同十四份、验收单二十二份，发现两个模块先付款后验收，金额九万六千元；一名教师同时担任需求方和验收组成员，没有回避。
双方商定：自十一月起验收组由双方各派一人、再请一名校外专家组成；先付款的两个模块由承建方补做测试，测试不通过的扣减尾款；有利害关系的人员一律回避，名单报纪委办公室备案。"""
JOINT_TITLE = "校园数据平台建设项目联合检查情况"
DISMISSED = "已看检查通知和签到表，两个单位联合检查、共用一份报告，各自存档，不属于照抄。"


def lay(until: date) -> None:
    """Everything whose day has come by ``until``; then the look of that night, and one hint looked at."""
    scenes = (
        (date(2026, 10, 21), lambda: _report(FIRST, ANALYSIS)),
        (date(2026, 10, 30), lambda: _report(COPIED, _copied())),
        (
            date(2026, 10, 19),
            lambda: [_file(unit_named(name), "problem-report", JOINT_TITLE, JOINT) for name in TOGETHER],
        ),
        (date(2026, 5, 14), lambda: _educated("与新任系主任集体廉政谈话")),
        (date(2026, 10, 15), lambda: _educated("国庆节后作风纪律集体提醒")),
        (date(2026, 11, 16), lambda: _asked("报送2026年师德专题教育开展情况", date(2026, 12, 4))),
        (date(2026, 11, 18), lambda: _asked("报送师德专题教育开展情况报告", date(2026, 12, 11))),
    )
    for day, scene in scenes:
        if day <= until:
            with standing_at(moment(day, 15, 40)):
                scene()
    with standing_at(_evening(until, 18)):
        hints.look(by=Person.objects.system())
        _say_done()
    with standing_at(_evening(until, 19)):
        _dismiss()


def _evening(day: date, hour: int) -> datetime:
    return moment(day, hour, 10)


def _head(unit: Organisation) -> tuple[Post, Person]:
    post = unit.posts.get(role=Role.UNIT_SECRETARY)
    held = Tenure.objects.in_office(timezone.localdate()).filter(post=post)
    return post, Person.objects.get(pk=held.latest("started_on").person_id)


def _copied() -> str:
    words = ANALYSIS
    for before, after in SWAPS:
        words = words.replace(before, after)
    return words


def _file(unit: Organisation, act: str, title: str, content: str, *attached) -> None:
    file_record(
        by=_head(unit)[1],
        organisation=unit,
        act=ActKind.objects.get(code=act),
        work_year=YEAR,
        title=title,
        happened_on=timezone.localdate(),
        content=content,
        files=attached,
    )


def _report(name: str, words: str) -> None:
    _file(unit_named(name), "political-ecology-report", f"{name}{YEAR}年秋季政治生态专题研判", words)


def _educated(title: str) -> None:
    content = "院党委书记主持，纪检委员通报案例，与会同志逐一表态。"
    _file(unit_named(WITH_PHOTO), "integrity-education", title, content, files.photo("现场照片.png", seed=11))


def _asked(title: str, due_on: date) -> None:
    """The same thing asked of one college by two offices within a week."""
    unit = unit_named(WITH_PHOTO)
    office = Person.objects.get(username="office")
    assign(title=title, organisation=unit, owner=_head(unit)[0], work_year=YEAR, due_on=due_on, by=office)


def _say_done() -> None:
    """The row a worker would have left."""
    times = dict.fromkeys(("created_at", "started_at", "finished_at"), timezone.now())
    by = Person.objects.system()
    Job.objects.create(kind=hints.KIND, key=hints.KEY, requested_by=by, state=Job.State.DONE, progress=100, **times)


def _dismiss() -> None:
    joint = Hint.objects.open().filter(kind=Hint.Kind.BETWEEN, organisation__name__in=TOGETHER).first()
    if joint:
        hints.perform(joint, "dismiss", by=Person.objects.get(username="discipline"), words=DISMISSED)
