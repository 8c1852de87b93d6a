"""What a list costs, against the frozen anchor, against Django's own list, at its end, and at ten times the rows (P1, P2).

    python -m bench.pages [--engine sqlite|postgresql] [--duties 100000 1000000] [--rounds 5] [--only ledger …]

Servers stand beside one another, and a round goes through all pages; each page is compared with the anchor measured just
before and just after it. With two sizes every page is asked of both, one right after the other. Medians of the ratios of
the rounds, in brackets the least and the most.
"""

import argparse
import json
import os
import platform
import statistics
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import django

from bench import databases
from bench.databases import ENGINES, FOLDER, run
from bench.lists import LISTS, PEERS
from bench.measuring import Backends, Cost, NoBackends, Page, Server, cost, spread

ANCHOR = "four_bench_anchor"
SLOW = 2_000  # milliseconds
BESIDE_ANCHOR = 4  # pages between two looks at the anchor
P1, GROWTH, LAST, QUERIES = 3.5, 1.15, 1.2, 8
CHEAPER = {"sqlite": 4, "postgresql": 20}


@dataclass
class Bench:
    """The servers of one engine, what they show, and what was measured."""

    engine: str
    sizes: list[int]
    wanted: argparse.Namespace
    pages: dict[str, dict[int, Page]] = field(default_factory=dict)
    told: dict[int, dict] = field(default_factory=dict)
    costs: dict[str, dict[int, list[Cost]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    ratios: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def largest(self) -> int:
        return max(self.sizes)

    def open(self, stack: ExitStack) -> None:
        self.backends = Backends() if self.engine == "postgresql" else NoBackends()
        self.anchor, self.bare = _anchors(stack, self.engine)
        for size in self.sizes:
            environment = databases.served(self.engine, size)
            self.told[size] = json.loads(run("bench.visitors", *_chosen(self.wanted), **environment))
            server = stack.enter_context(Server("config.wsgi", environment))
            for name, page in self.told[size].items():
                self._add(name, size, Page(server, page["url"], page["cookie"]))
                if page.get("last") and page["total"] > page["rows"]:
                    self._add(f"{name} last", size, Page(server, page["last"], page["cookie"]))

    def _add(self, name: str, size: int, page: Page) -> None:
        self.pages.setdefault(name, {})[size] = page

    def measure(self) -> None:
        """What takes seconds is asked in the first round alone: it needs no precision."""
        for page in (self.anchor, self.bare):
            self._cost(page, warm=True)
        for _ in range(2):  # the first opens connections and fills caches
            warm = {
                name: max(self._cost(page, warm=True).milliseconds for page in sizes.values())
                for name, sizes in self.pages.items()
            }
        for number in range(self.wanted.rounds):
            self._round([name for name in self.pages if not number or warm[name] < SLOW])

    def _round(self, names: list[str]) -> None:
        names = iter(names)
        before = self._cost(self.anchor)
        self.ratios["bare"].append(before.milliseconds / self._cost(self.bare).milliseconds)
        while some := list(islice(names, BESIDE_ANCHOR)):
            found = {name: {size: self._cost(page) for size, page in self.pages[name].items()} for name in some}
            after = self._cost(self.anchor)
            self._keep(found, (before.milliseconds + after.milliseconds) / 2)
            self.costs["anchor"][self.largest].append(after)
            before = after

    def _keep(self, found: dict[str, dict[int, Cost]], anchor: float) -> None:
        for name, sizes in found.items():
            for size, one in sizes.items():
                self.costs[name][size].append(one)
            if self.largest in sizes:
                self.ratios[name].append(sizes[self.largest].milliseconds / anchor)

    def _cost(self, page: Page, *, warm: bool = False) -> Cost:
        seconds, least = (0.0, 4) if warm else (self.wanted.seconds, self.wanted.least)
        return cost(page, self.backends, seconds=seconds, least=least)

    def against(self, name: str, other: str, size: int) -> list[float]:
        """Ratios of the rounds of two pages."""
        pairs = zip(self.costs[name][size], self.costs[other][size], strict=False)
        return [one.milliseconds / two.milliseconds for one, two in pairs]

    def growth(self, name: str) -> list[float]:
        sizes = self.costs[name]
        if len(self.sizes) < 2 or len(sizes) < 2:
            return []
        pairs = zip(sizes[self.largest], sizes[min(self.sizes)], strict=True)
        return [one.milliseconds / two.milliseconds for one, two in pairs]


def _chosen(wanted: argparse.Namespace) -> list[str]:
    return [name for name in [*(wanted.only or LISTS), *PEERS] if name not in wanted.leave_out]


def _anchors(stack: ExitStack, engine: str) -> tuple[Page, Page]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not databases.has(engine, ANCHOR) and engine == "postgresql":
        databases.psql(f"CREATE DATABASE {ANCHOR}")
    environment = {"DATABASE_URL": databases.address(engine, ANCHOR)}
    cookie = run("bench.anchor.prepare", **environment).strip()
    anchor = stack.enter_context(Server("bench.anchor.wsgi", environment))
    bare = stack.enter_context(Server("bench.anchor.wsgi", environment | {"BARE": "1"}))
    return Page(anchor, "/anchor/", cookie), Page(bare, "/bare/", cookie)


# ── telling ──────────────────────────────────────────────────────────────────────────────────


def table(bench: Bench) -> list[str]:
    size = bench.largest
    head = "| list | rows | queries | ms | × anchor (≤ 3.5) | last ÷ first (≤ 1.2) | 10 × rows (≤ 1.15) | peer ÷ list |"
    lines = [head, "|" + "---|" * 8]
    names = sorted(
        (name for name in LISTS if name in bench.pages), key=lambda name: -statistics.median(bench.ratios[name])
    )
    return lines + [_line(bench, name, size) for name in names]


def _line(bench: Bench, name: str, size: int) -> str:
    page, last = bench.told[size][name], f"{name} last"
    queries = [str(bench.told[one][name]["queries"]) for one in bench.sizes]
    cells = (
        name,
        f"{page.get('rows', '')} of {page.get('total', '')}" if "rows" in page else "",
        " → ".join(dict.fromkeys(queries)),
        f"{statistics.median(one.milliseconds for one in bench.costs[name][size]):.1f}",
        spread(bench.ratios[name]),
        spread(bench.against(last, name, size)) if size in bench.costs.get(last, {}) else "",
        spread(bench.growth(name)) if bench.growth(name) else "",
        spread(bench.against("peer", name, size), 1),
    )
    return f"| {' | '.join(cells)} |"


def summary(bench: Bench) -> list[str]:
    size, names = bench.largest, [name for name in LISTS if name in bench.pages]
    missed = [name for name in names if statistics.median(bench.ratios[name]) > P1]
    many = [name for name in names if bench.told[size][name]["queries"] > QUERIES]
    cheaper = [name for name in names if statistics.median(bench.against("peer", name, size)) >= CHEAPER[bench.engine]]
    grown = [name for name in names if (ratios := bench.growth(name)) and statistics.median(ratios) > GROWTH]
    deep = [name.removesuffix(" last") for name in bench.costs if name.endswith(" last") and name != "peer last"
            and size in bench.costs[name]
            and statistics.median(bench.against(name, name.removesuffix(" last"), size)) > LAST]  # fmt: skip
    anchor = statistics.median(one.milliseconds for one in bench.costs["anchor"][size])
    peer = {name: spread(bench.ratios[name], 1) for name in PEERS if name in bench.ratios}
    return [
        f"{date.today()}, {bench.engine}, {' and '.join(f'{one:,}' for one in bench.sizes)} duties, Python "
        f"{platform.python_version()}, Django {django.get_version()}, {bench.wanted.rounds} rounds, load {os.getloadavg()[0]:.1f}",
        f"anchor {anchor:.2f} ms, {spread(bench.ratios['bare'])} × the bare view (6 to 9)",
        "; ".join(f"{PEERS[name]} {ratio} × anchor" for name, ratio in peer.items()),
        f"above {P1} × anchor: {len(missed)} of {len(names)}; above {QUERIES} queries: {len(many)}; "
        f"cheaper than a {CHEAPER[bench.engine]}th of Django's: {len(cheaper)}; grown above {GROWTH}: {', '.join(grown) or 'none'}; "
        f"last page above {LAST}: {', '.join(deep) or 'none'}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--duties", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.6, help="of each page in each round, at least")
    parser.add_argument(
        "--least",
        type=int,
        default=8,
        help="requests to each page in each round, if they take no more than five seconds",
    )
    parser.add_argument("--only", nargs="*", default=[], help="names of lists")
    parser.add_argument("--leave-out", nargs="*", default=[], help="names of lists")
    wanted = parser.parse_args()
    bench = Bench(wanted.engine, wanted.duties, wanted)
    with ExitStack() as stack:
        bench.open(stack)
        bench.measure()
    print("\n".join([*(f"{line}  " for line in summary(bench)), "", *table(bench)]))


if __name__ == "__main__":
    main()
