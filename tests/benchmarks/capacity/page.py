"""The capacity plan as a page: what is assumed, what the queues say, what gives way first and what to do about it."""

from collections.abc import Iterator, Sequence

from tests.benchmarks.capacity.plan import (
    CITIZENS,
    CORES,
    DELIVERY_PROCESSES,
    LEARNT,
    MIX,
    PER_SECOND,
    TOLERANCE,
    Measured,
    busy_rows,
    curve_rows,
    part_rows,
)
from tests.benchmarks.load_curve import POINTS

#: What a day's mean is of its busiest second: offices, evenings, and nights in which nobody asks.
MEAN = 0.2
DAY_SECONDS = 24 * 60 * 60
#: Messages keep their words for so many days, and their rows for so many months.
KEPT_DAYS, KEPT_MONTHS = 7, 13
#: A process puts off further hints for this long (``GAAP_HINT_SECONDS``).
HINTS_PER_SECOND = 20
#: Calls of the cache for one request: its limit, and the day's count of a message.
CACHE_CALLS = 2

PAGE = """# How large for a country

Written by `python3 -m tests.benchmarks.capacity docs/reference/benchmarks.json > docs/reference/capacity.md` from
[what was measured](benchmarks.md); a test holds the two together. [Measure how fast it
is](../how-to/measure-speed.md) says how.

The question: {citizens} citizens, and {rate} requests a second when most of them come. Of these {mix}.

## Is the model right?

A web process works on one request at a time, then the database does, then the process again; whatever works needs a
core ({module}).
What a request costs is learnt from {learnt} of {points} points of the measured curve, and the others are foretold.
More than {tolerance} off, and the command ends with 1.

{curve}

## Web processes

{rate} requests a second of that mix, arriving at random. What waits grows quickly beyond four fifths; plan for three.

{busy}

## Everything else

{parts}

| What | How much | From |
| --- | --- | --- |
{data}

The database's cores are an upper bound: they are reckoned from one caller alone, whose waiting for the network counts
as the database's. The rows marked so were not measured here, and are to be measured before anybody relies on them.

## What gives way first

1. **The one database that writes.** Every accepted message and every payment is a transaction there. Reads can leave
   (`REPLICA_URL` for searches, lists of the console and reports) and what is asked again and again is kept by the web
   processes for two seconds, so that what remains is mostly writing: rows, their indexes and the write-ahead log.
2. **Its connections.** A process holds one for each thread. Beyond a few hundred, put PgBouncer between
   (`GAAP_DATABASE_POOLER=transaction`); statements are then planned each time, which the figures above do not hold.
3. **Its past.** Events, the audit and deliveries stand in months ([0067](../adr/0067-tables-in-months.md)), so the
   indexes that are written stay as large as one month, and a month goes at once (`GAAP_FORGET_BY_MONTH`). Messages are
   [one table](../adr/0071-deliveries-in-months-notifications-in-one.md): their lists and searches read indexes of what
   is still kept, but their rows, once emptied, stay. At the numbers above, removing them after some months has to be
   built first.
4. **Providers.** They answer when they answer: threads of delivery processes wait for them and cost nothing but
   memory, and a provider's own limit (`rate` in its settings) is the limit of the lane.

RabbitMQ carries hints, not work, and Redis counts; both stay small, and either may be lost ([faults](faults.md)).

## What to divide next, with engines that are here

1. **A database for each component.** Identity, Pay and Notify share no rows but the kernel's organisations, services
   and keys, which change seldom. Three installations of the suite, each with one component in use, and one copy of
   those tables by logical replication, divide the writing by what it is about; Identity's has a Notify of its own for
   its codes. Nobody has tried it yet.
2. **Notify by service.** A message belongs to one service and is never asked for without it. Installations for groups
   of services behind one address, chosen by the service's id in the key, divide it as often as needed; only reports
   over the whole platform then have to be added up.
3. **Identity stays whole longest.** A citizen must be the same at every service; its writing is a few rows for each
   sign-in, and its reading goes by key.

What was not chosen: a database that divides itself, or a queue that holds the truth. Both would be new engines to
run, and the rules that keep money and messages from being lost or doubled would have to be proved again.
"""


def page(measured: Measured) -> str:
    """Return the page, for the machine that was measured."""
    return PAGE.format(
        citizens=f"{CITIZENS:,}",
        rate=f"{PER_SECOND:,}",
        mix=_listed(f"{share:.0%} {_short(name)}" for name, share in MIX.items()),
        module="`tests/benchmarks/capacity/simulation.py`, with SimPy",
        learnt=len(LEARNT),
        points=len(POINTS),
        tolerance=f"{TOLERANCE:.0%}",
        curve=_table(("Processes, callers", "a second", "simulated", "median, ms", "simulated"), curve_rows(measured)),
        busy=_table(("Busy", "web processes", "median, ms", "95%, ms"), busy_rows(measured)),
        parts=_table(("What", "How much", "From"), part_rows(measured)),
        data="\n".join(_line(row) for row in _data(measured)),
    )


def _data(measured: Measured) -> Iterator[Sequence[str]]:
    messages = PER_SECOND * (MIX["notify: accept an email"] + MIX["notify: accept a text"])
    day = messages * MEAN * DAY_SECONDS
    yield "messages a day", f"{day:,.0f}", f"the busiest second times {MEAN:.0%} (assumed)"
    yield "messages whose words are kept", f"{day * KEPT_DAYS:,.0f}", f"{KEPT_DAYS} days, the default"
    yield "rows of messages in a month", f"{day * 30:,.0f}", "30 days"
    if each := measured.bytes_each:
        month = each * day * 30
        source = f"{each:,} bytes for each message, with its event and what belongs to it (`growth`)"
        yield "disk for a month", f"{month / 1e12:.1f} TB", source
        yield f"disk for {KEPT_MONTHS} months", f"{month * KEPT_MONTHS / 1e12:.0f} TB", "if none is dropped before"
    hints = HINTS_PER_SECOND * measured.processes
    yield "hints through RabbitMQ a second, at most", f"{hints:,}", "one for each process in 50 ms (not measured)"
    yield "calls of Redis a second", f"{CACHE_CALLS * PER_SECOND:,}", "limits and the day's counts (not measured)"
    yield (
        "database connections",
        f"{4 * measured.processes + 2 * DELIVERY_PROCESSES * CORES:,}",
        "four threads in each web process, and the workers",
    )


def _short(name: str) -> str:
    """Return a figure's name without its component."""
    return name.partition(": ")[2]


def _listed(words: Iterator[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}"


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    return "\n".join([_line(heads), _line(["---"] * len(heads)), *(_line(row) for row in rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
