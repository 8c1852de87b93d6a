"""雷同比对: copies are found, honest texts on the same subject are not; pure functions (四（三）)."""

import time
from random import Random

import pytest

from supervision.hints.parallels import parallels
from supervision.hints.similarity import Bounds, Text, closeness, compare, normalise
from tests.supervision.reports import PHRASES, changed, kept, many

HONEST, COPIED = ("honest-1", "honest-2", "honest-3"), ("copied-1", "copied-2", "copied-3")


def pair(name: str) -> list[Text]:
    return [
        Text("a", 1, (1,), kept(f"{name}-a")),
        Text("b", 2, (2,), kept(f"{name}-b")),
    ]


def everything() -> list[Text]:
    """All written examples: each by another unit, the second of a pair after the first."""
    names = [f"{name}-{side}" for side in "ab" for name in (*HONEST, *COPIED)]
    return [Text(name, place, (place,), kept(name)) for place, name in enumerate(names)]


@pytest.mark.parametrize("name", COPIED)
def test_a_copy_is_found(name):
    found = compare(pair(name))
    assert [(one.later, one.earlier) for one in found] == [("b", "a")]
    assert found[0].share > 0.8


@pytest.mark.parametrize("name", HONEST)
def test_two_honest_texts_on_the_same_subject_are_not(name):
    assert compare(pair(name)) == []
    assert compare(pair(name), bounds=Bounds(share=0.2)) == [], "nor at half the bound"


def test_among_all_of_them_only_the_copies_are_found():
    assert {(one.later, one.earlier) for one in compare(everything())} == {
        (f"{name}-b", f"{name}-a") for name in COPIED
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", [f"{name}-a" for name in (*HONEST, *COPIED)])
def test_ten_per_cent_changed_one_by_one_is_still_a_copy(name, seed):
    copy = changed(kept(name), 0.1, Random(seed))
    texts = [text for text in everything() if text.key == name] + [Text("copy", 99, (99,), copy)]
    assert [one.later for one in compare(texts)] == ["copy"]


def test_another_name_and_other_figures_do_not_hide_a_copy():
    words = (
        kept("copied-2-a").replace("马克思主义学院", "体育学院").translate(str.maketrans("0123456789", "3847561029"))
    )
    texts = [
        Text("a", 1, (1,), kept("copied-2-a"), ("马克思主义学院",)),
        Text("b", 2, (2,), words, ("体育学院",)),
    ]
    assert compare(texts)[0].share > 0.99


def test_a_part_of_a_longer_report_is_found():
    whole, part = kept("copied-1-a"), kept("copied-1-a")[300:560]
    assert [one.earlier for one in compare([Text("a", 1, (1,), whole), Text("b", 2, (2,), part)])] == ["a"]
    short = Text("b", 2, (2,), part[:60])
    assert compare([Text("a", 1, (1,), whole), short]) == [], "a sentence or two is no report"


def test_templates_and_the_regulation_do_not_count():
    template = kept("honest-2-b")
    texts = [
        Text(n, n, (n,), f"{template}\n{own}") for n, own in enumerate(("本处今年更换了门锁。", "本院新聘两名秘书。"))
    ]
    assert len(compare(texts)) == 1
    assert compare(texts, boilerplate=[template]) == []


def test_what_everybody_says_counts_little():
    """Two texts half of phrases that every other text has some of: alike among themselves, but no copies."""
    others = [Text(n, n, (n,), text.words) for n, text in enumerate(many(100, 0)[0])]
    phrases = "".join(PHRASES)
    own = kept("honest-1-a")[150:400], kept("honest-2-b")[150:400]
    pair = [Text(name, name, (200, name), phrases + words) for name, words in zip("ab", own, strict=True)]
    assert [one.later for one in compare(pair)] == ["b"], "where nobody else says it, it is theirs"
    assert compare([*others, *pair]) == []


def test_a_text_copied_by_thirty_units_is_told_of_twenty_nine_times():
    random, source = Random(3), kept("copied-3-a")
    texts = [Text(0, 0, (0,), source)]
    texts += [Text(n, n, (n,), changed(source, 0.05, random)) for n in range(1, 30)]
    texts += [Text(100 + n, 100 + n, (100 + n,), text.words) for n, text in enumerate(many(40, 0, seed=4)[0])]
    found = compare(texts)
    assert {one.later for one in found} == set(range(1, 30))
    assert len(found) == 29


def test_ones_own_and_anothers_are_told_apart():
    words = kept("copied-2-a")
    texts = [Text("last year", 1, (1,), words), Text("theirs", 2, (2,), words), Text("now", 1, (3,), words)]
    found = {(one.later, one.earlier, one.is_same_bearer) for one in compare(texts)}
    assert found == {("theirs", "last year", False), ("now", "last year", True), ("now", "theirs", False)}


def test_a_third_text_does_not_change_which_is_nearest():
    texts = pair("copied-1")
    more = [*texts, *(Text(100 + n, 100 + n, (0, n), text.words) for n, text in enumerate(many(30, 0)[0]))]
    assert compare(texts)[0].earlier == compare(more)[0].earlier == "a"


@pytest.mark.parametrize("words", ["", "。", "\x00\x00", "a" * 5000, "😀" * 300, "１２３" * 200, " \n" * 400])
def test_odd_texts_are_no_error(words):
    compare([Text(1, 1, (1,), words), Text(2, 2, (2,), words), Text(3, 3, (3,), kept("honest-1-a"))])
    parallels(words, kept("honest-1-a"))
    normalise(words, ("", "a"))


def test_a_thousand_reports_with_fifty_copies():
    texts, sources = many(1000, 50)
    start = time.process_time()
    found = compare(texts)
    assert {one.later: one.earlier for one in found} == sources
    assert time.process_time() - start < 12, "a second and a half on two quiet cores"


@pytest.mark.parametrize(
    ("one", "other", "is_close"),
    [
        ("2026年上半年落实情况报告", "2026年上半年责任落实情况报告", True),
        ("廉政风险点自查", "会计学院廉政风险点自查情况", True),
        ("履责报告", "述责述廉报告", False),
        ("答复工作要求：开展设备验收自查", "答复工作要求：报送师德专题教育情况", False),
        ("", "", False),
    ],
)
def test_titles(one, other, is_close):
    assert (closeness(one, other, ("会计学院",)) >= 0.7) is is_close


# ── 左右对照 ─────────────────────────────────────────────────────────────────────────────────


def shown(side) -> str:
    return "".join(piece.text if piece.is_same else f"【{piece.text}】" for piece in side.pieces) if side else "—"


def test_what_stands_in_both_is_marked_and_moved_paragraphs_meet():
    seen = parallels(
        "甲乙丙丁戊己。\n本月完成五项任务，时间紧。", "本月完成六项任务，时间紧。\n另起一段的话。\n甲乙丙丁戊己。"
    )
    assert [(shown(row.left), shown(row.right)) for row in seen.rows] == [
        ("甲乙丙丁戊己。", "甲乙丙丁戊己。"),
        ("本月完成【五】项任务，时间紧。", "本月完成【六】项任务，时间紧。"),
        ("—", "【另起一段的话。】"),
    ]
    assert (seen.same, seen.whole, seen.percent) == (16, 17, 94)


@pytest.mark.parametrize("name", (*HONEST, *COPIED))
def test_nothing_of_either_text_is_lost(name):
    left, right = kept(f"{name}-b"), kept(f"{name}-a")
    seen = parallels(left, right)
    for side, text in (("left", left), ("right", right)):
        sides = sorted((getattr(row, side) for row in seen.rows if getattr(row, side)), key=lambda each: each.number)
        lines = ["".join(piece.text for piece in each.pieces) for each in sides]
        assert lines == text.strip().split("\n")
    assert (seen.percent > 80) is name.startswith("copied")
