"""对应: which problem and measure of the system a row of the file is (docs/decisions/0018). Nothing is written here.

By its words first, whatever its number now is; then by its number, if enough of it is the same. What merely took over
the number of another is new.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from inspections.models import Finding, Measure
from inspections.reading.ledger import MeasureRow, ProblemRow

COMPARED, ALIKE = 300, 0.5


def key_of(text: str) -> str:
    return "".join(text.split())


def are_alike(one: str, other: str) -> bool:
    compared = SequenceMatcher(None, key_of(one)[:COMPARED], key_of(other)[:COMPARED], autojunk=False)
    return compared.real_quick_ratio() >= ALIKE and compared.quick_ratio() >= ALIKE and compared.ratio() >= ALIKE


class Pairs:
    """The problems of a file beside the findings of a round."""

    def __init__(self, problems: Sequence[ProblemRow], findings: Iterable[Finding], measures: dict[int, list[Measure]]):
        counted = Counter(problem.serial for problem in problems)
        self.once = {serial for serial, times in counted.items() if serial is not None and times == 1}
        self.measures, self.found = measures, {}
        left = {finding.serial: finding for finding in findings}
        self._same_words(problems, left)
        self._same_number(problems, left)
        self.absent = list(left.values())

    def of(self, problem: ProblemRow) -> Finding | None:
        return self.found.get(id(problem))

    def _same_words(self, problems: Sequence[ProblemRow], left: dict[int, Finding]) -> None:
        """Two problems of the same words keep their numbers if they can."""
        for problem in problems:
            finding = left.get(problem.serial)
            if problem.serial in self.once and finding and key_of(finding.text) == key_of(problem.text):
                self.found[id(problem)] = left.pop(problem.serial)
        by_text: dict[str, list[Finding]] = defaultdict(list)
        for finding in left.values():
            by_text[key_of(finding.text)].append(finding)
        for problem in problems:
            if id(problem) not in self.found and (same := by_text.get(key_of(problem.text))):
                self.found[id(problem)] = left.pop(same.pop(0).serial)

    def _same_number(self, problems: Sequence[ProblemRow], left: dict[int, Finding]) -> None:
        for problem in problems:
            if id(problem) in self.found or problem.serial not in self.once:
                continue
            finding = left.get(problem.serial)
            if finding and self._are_one(problem, finding):
                self.found[id(problem)] = left.pop(problem.serial)

    def _are_one(self, problem: ProblemRow, finding: Finding) -> bool:
        known = {key_of(measure.text) for measure in self.measures.get(finding.pk, ())}
        if any(key_of(row.text) in known for row in problem.measures):
            return True
        return are_alike(problem.text, finding.text)


def pair_measures(rows: Sequence[MeasureRow], measures: Sequence[Measure]) -> tuple[dict[int, Measure], list[Measure]]:
    """Place of the row → its measure, and the measures no row is about.

    The same words, wherever they stand; then words that are alike; then, where as many stand as stood, the same place.
    """
    found: dict[int, Measure] = {}
    by_text: dict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        by_text[key_of(measure.text)].append(measure)
    for place, row in enumerate(rows):
        if same := by_text.get(key_of(row.text)):
            found[place] = same.pop(0)
    left = [one for same in by_text.values() for one in same]
    left.sort(key=lambda measure: measure.rank)
    for place, row in enumerate(rows):
        if place not in found and (alike := next((one for one in left if are_alike(one.text, row.text)), None)):
            found[place] = alike
            left.remove(alike)
    if left and len(rows) == len(measures):
        for place, measure in enumerate(measures):
            if place not in found and measure in left:
                found[place] = measure
                left.remove(measure)
    return found, left
