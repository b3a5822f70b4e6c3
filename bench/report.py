"""What the comparison found, as the generated part of docs/performance.md."""

import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.requests_made import OPERATIONS
from bench.servers import PEERS, ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SERVER_LINES = ("limit", "kikan", "kikan beside", "kikan on SQLite", *PEERS.values())
WITH_ROLLUP = "limit with rollup and audit"
RAW = "limit, GROUP BY on the ledger"
MEMORY_BAR = 150
SPREAD_BAR = 4.0
FLAT_BAR = 1.5

FIRST = {"R1": 0.35, "R2": 0.50, "R3": 0.35, "R4": 0.50, "R5": 0.40, "R4′": 0.60}
AIM = {"R1": 0.55, "R2": 0.70, "R3": 0.50, "R4": 0.70, "R5": 0.60, "R4′": 0.80}
SQLITE = {"R1": 0.45, "R2": 0.45, "R3": 0.30, "R4": 0.45}
SQLITE_WRITE_P99 = 100.0

Runs = Sequence[dict[str, Any]]


class Findings:
    """The measured runs, by line and operation."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.found = found
        self.lines: dict[str, Runs] = found["lines"]

    def runs(self, label: str, key: str) -> Runs:
        return self.lines.get(f"{label}|{key}", ())

    def median(self, label: str, key: str, name: str) -> float | None:
        runs = self.runs(label, key)
        return statistics.median(run[name] for run in runs) if runs else None

    def share(self, label: str, key: str) -> float | None:
        """Give the median over the rounds of a line's rate as a share of the limit's in the same round."""
        base = WITH_ROLLUP if label in ("kikan", "kikan beside") and key == "R3" else "limit"
        pairs = list(zip(self.runs(label, key), self.runs(base, key), strict=False))
        return statistics.median(run["rate"] / other["rate"] for run, other in pairs) if pairs else None

    def labels(self) -> list[str]:
        found = dict.fromkeys(line.partition("|")[0] for line in self.lines)
        first = ["limit", WITH_ROLLUP, "kikan", "kikan beside", "kikan, ward staff", "kikan on SQLite", *PEERS.values()]
        return [label for label in first if label in found]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows), ""]


def number(value: float | None, form: str = ",.0f") -> str:
    return "–" if value is None else format(value, form)


def short(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"


def verdict(value: float | None, bar: float, *, at_most: bool = False) -> str:
    if value is None:
        return "not measured"
    good = value <= bar if at_most else value >= bar
    return "pass" if good else "**fail**"


def bars(findings: Findings) -> list[str]:
    """Judge kikan by its bars."""
    rows = []
    for key in OPERATIONS:
        share = findings.share("kikan", key)
        first, aim = FIRST[key], AIM[key]
        name = f"{key}, share of {'L0CR' if key == 'R3' else 'L0C'}"
        landing = f"≥ {short(first)}", verdict(share, first)
        rows.append((name, short(share), *landing, f"≥ {short(aim)}", verdict(share, aim)))
    for key, bar in SQLITE.items():
        share = findings.share("kikan on SQLite", key)
        name = f"SQLite {key}, share of L0C on PostgreSQL"
        rows.append((name, short(share), f"≥ {short(bar)}", verdict(share, bar), "", ""))
    for key in ("R1", "R2", "R3", "R4", "R5"):
        lead = lead_of(findings, key)
        rows.append((f"{key}, times the fastest peer", short(lead), "> 1", verdict(lead, 1.0), "", ""))
    memory = findings.found["memory"].get("kikan")
    at_most = [(f"{key}, p99 / p50", spread_of(findings, key), SPREAD_BAR, "") for key in OPERATIONS]
    at_most += [
        ("SQLite R3, p99", findings.median("kikan on SQLite", "R3", "p99"), SQLITE_WRITE_P99, " ms"),
        ("peak memory of the worker", memory, MEMORY_BAR, " MiB"),
        ("R4 on ten times the rows", flatness_of(findings.found), FLAT_BAR, " times as long"),
    ]
    for name, value, bar, unit in at_most:
        rows.append((name, short(value) + unit, f"≤ {bar:g}{unit}", verdict(value, bar, at_most=True), "", ""))
    return table(("bar", "measured", "first landing", "", "aim", ""), rows)


def spread_of(findings: Findings, key: str) -> float | None:
    runs = findings.runs("kikan", key)
    return statistics.median(run["p99"] / run["p50"] for run in runs) if runs else None


def lead_of(findings: Findings, key: str) -> float | None:
    own = findings.median("kikan", key, "rate")
    others = [rate for peer in PEERS.values() if (rate := findings.median(peer, key, "rate")) is not None]
    return own / max(others) if own is not None and others else None


def flatness_of(found: dict[str, Any]) -> float | None:
    by_rows = found.get("flatness", {}).get("kikan, rollup", {})
    return by_rows[max(by_rows)] / by_rows[min(by_rows)] if by_rows else None


def rates(findings: Findings, name: str, form: str) -> list[str]:
    labels = findings.labels()
    rows = [(label, *(number(findings.median(label, key, name), form) for key in OPERATIONS)) for label in labels]
    return table(("", *OPERATIONS), rows)


def shares(findings: Findings) -> list[str]:
    labels = [label for label in findings.labels() if not label.startswith("limit")]
    return table(
        ("", *OPERATIONS), ((label, *(short(findings.share(label, key)) for key in OPERATIONS)) for label in labels)
    )


def latencies(findings: Findings) -> list[str]:
    rows = []
    for label in findings.labels():
        cells = []
        for key in OPERATIONS:
            p50, p99 = (findings.median(label, key, name) for name in ("p50", "p99"))
            cells.append("–" if p50 is None else f"{number(p50, '.1f')} / {number(p99, '.1f')}")
        rows.append((label, *cells))
    return table(("", *OPERATIONS), rows)


def trips(found: dict[str, Any]) -> list[str]:
    counted = found.get("trips", {})
    rows = [
        (label, *(number(by_key.get(key), ".1f") for key in OPERATIONS))
        for label, by_key in counted.items()
        if label != RAW
    ]
    return table(("", *OPERATIONS), rows)


def flat(found: dict[str, Any]) -> list[str]:
    measured = found.get("flatness", {})
    sizes = sorted({rows for by_rows in measured.values() for rows in by_rows})
    rows = [(label, *(number(by_rows.get(size), ".2f") for size in sizes)) for label, by_rows in measured.items()]
    return table(("p50 in ms, one caller", *(f"{size:,} rows" for size in sizes)), rows) if sizes else []


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def cores() -> int:
    return sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())


def machine(found: dict[str, Any]) -> str:
    parts = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {cores()} cores, {processor()};",
        f"PostgreSQL {found['postgresql']}, durable commits; Python {platform.python_version()}.",
        f"{found['rows']:,} rows in the ledger, 60 municipalities,",
        "80 centres, three fiscal years; 16 connections, one caller each, for a centre of its own;",
        f"{found['rounds']} rounds of {found['seconds']:g} s, shuffled; medians.",
        f"The load alone reaches {found['load_rate']:,.0f} requests/s. {found.get('acknowledged', 0):,} visits were",
        "acknowledged on PostgreSQL, and every one was found in the ledger; rollups and audit rows agree.",
    )
    return " ".join(parts)


def text_of(found: dict[str, Any]) -> str:
    """Write the generated part."""
    findings = Findings(found)
    memory = table(("", "MiB"), ((label, number(value)) for label, value in found["memory"].items()))
    refused = found.get("refused_cold") or {}
    sections = {
        "Bars": bars(findings),
        "Share of the limit": shares(findings),
        "Requests per second": rates(findings, "rate", ",.0f"),
        "p50 / p99 in milliseconds, 16 connections": latencies(findings),
        "Processor time of the server process per request, µs": rates(findings, "cpu", ",.0f"),
        "Round trips to PostgreSQL per request": trips(found),
        "Counts by size of the ledger": flat(found),
        "Peak memory of the worker": memory,
    }
    cold = ", ".join(f"{name}: {count}" for name, count in refused.items()) or "none"
    lines = [
        machine(found),
        "",
        f"Answered 503 while cold, before the rounds: {cold}.",
        "",
        *(f"- **{key}** {operation.text}" for key, operation in OPERATIONS.items()),
        "",
    ]
    for title, content in sections.items():
        lines += [f"### {title}", "", *content]
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the generated part into the page, between its markers."""
    page = PAGE.read_text()
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE} has lost its markers {BEGIN} and {END}")
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
