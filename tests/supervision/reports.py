"""Made-up reports in any number, for what comparing costs and for what it must find: honest ones and copies hidden among them.

Each has its own sentences of common characters, a fifth of it phrases that every report has, and a length between 600 and
1,500 characters; a copy is an earlier report with ten per cent of its characters changed, one by one.
"""

from pathlib import Path
from random import Random

from supervision.hints.similarity import Text

TEXTS = Path(__file__).parent / "texts"
PHRASES = (
    "坚持以习近平新时代中国特色社会主义思想为指导",
    "深入学习贯彻党的二十大和二十届历次全会精神",
    "认真落实学校党委关于四责协同机制建设的部署",
    "压实全面从严治党主体责任和监督责任",
    "切实履行一岗双责",
    "以钉钉子精神抓好整改落实",
    "存在的主要问题和不足",
    "下一步工作打算",
    "把纪律和规矩挺在前面",
    "营造风清气正的政治生态",
    "推动全面从严治党向基层延伸",
    "严格执行中央八项规定精神",
    "加强对重点领域和关键环节的监督",
    "不断提高政治判断力政治领悟力政治执行力",
)


def kept(name: str) -> str:
    """One of the written examples: honest-1-a, copied-2-b."""
    return (TEXTS / f"{name}.txt").read_text(encoding="utf-8")


CHARACTERS = sorted({character for path in TEXTS.glob("*.txt") for character in path.read_text(encoding="utf-8")})


def changed(words: str, share: float, random: Random) -> str:
    """The same with this share of its characters replaced, each by itself: nothing breaks more shingles."""
    letters = list(words)
    for place in random.sample(range(len(letters)), round(len(letters) * share)):
        letters[place] = random.choice([each for each in random.sample(CHARACTERS, 2) if each != letters[place]])
    return "".join(letters)


def report(random: Random) -> str:
    pieces, length = [], random.randint(600, 1500)
    while sum(map(len, pieces)) < length:
        if random.random() < 0.25:
            pieces.append(random.choice(PHRASES) + "，")
        else:
            pieces.append("".join(random.choices(CHARACTERS, k=random.randint(8, 40))) + "。")
    return "".join(pieces)


def many(count: int, copies: int, seed: int = 7) -> tuple[list[Text], dict[int, int]]:
    """``count`` reports, the last ``copies`` of them copied from an earlier one; and which from which."""
    random = Random(seed)
    texts = [Text(number, number % 40, (number,), report(random)) for number in range(count - copies)]
    taken = random.sample(range(count - copies), copies)
    sources = {}
    for number, source in enumerate(taken, count - copies):
        bearer = (texts[source].bearer + 1) % 40
        texts.append(Text(number, bearer, (number,), changed(texts[source].words, 0.1, random)))
        sources[number] = source
    return texts, sources
