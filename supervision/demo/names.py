"""姓名: invented, varied, and the same each time."""

from collections.abc import Iterator
from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦"
    "贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛")
# Given names of the less common sort, so that nobody real is meant.
FIRST = "文晓思雅静慧子宇雨嘉正学其元世承怀若景伯仲致守敬修乐安清远知行以云疏望绍徽霁"
SECOND = "瑶晨旭颖蕾岚哲彤舟航川松柏竹棠溪岩帆漪澜衡朗屿皓蓁筠澄砚珩澍序言和微然真庭洲"
# 生僻字: names that fonts, sorting and mail must bear.
RARE = ("喆", "堃", "䶮", "翀", "頔", "赟", "昇", "淼")
RARE_EVERY = 25


def invented(taken: set[str], seed: int = 2021) -> Iterator[str]:
    """Names without end, none twice, none of ``taken``; now and then with a rare character."""
    random, given_out = Random(seed), set(taken)  # noqa: S311 — names, not secrets
    while True:
        number = len(given_out)
        name = _name(random, "" if number % RARE_EVERY else RARE[number // RARE_EVERY % len(RARE)])
        if name not in given_out:
            given_out.add(name)
            yield name


def _name(random: Random, rare: str) -> str:
    surname = random.choice(DOUBLE_SURNAMES) if random.random() < 0.02 else random.choice(SURNAMES)
    return surname + (rare or random.choice(FIRST) + random.choice(SECOND))
