"""姓名: invented, varied, and the same each time."""

from collections.abc import Iterator
from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦"
    "贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛")
FIRST = "文志建国晓明海永春家思雅静慧子宇雨佳嘉立正学其元世承怀若景伯仲致守敬修乐安宁清远知行以书云"
SECOND = "平华军伟芳敏强磊洋勇杰娟涛超霞辉玲刚健萍红鑫琳峰琪瑶宁晨阳旭颖洁蕾岚哲彤舟航川松柏竹梅兰菊棠溪岩石帆"
# 生僻字: names that fonts, sorting and mail must bear.
RARE = ("喆", "堃", "䶮", "翀", "頔", "赟", "昇", "淼")


def invented(taken: set[str], seed: int = 2021) -> Iterator[str]:
    """Names without end, none twice, none of ``taken``; every thirtieth with a rare character."""
    random, given_out = Random(seed), set(taken)  # noqa: S311 — names, not secrets
    while True:
        name = _name(random, rare=len(given_out) % 30 == 0)
        if name not in given_out:
            given_out.add(name)
            yield name


def _name(random: Random, *, rare: bool) -> str:
    surname = random.choice(DOUBLE_SURNAMES) if random.random() < 0.02 else random.choice(SURNAMES)
    if rare:
        return surname + random.choice(RARE)
    if random.random() < 0.2:
        return surname + random.choice(SECOND)
    return surname + random.choice(FIRST) + random.choice(SECOND)
