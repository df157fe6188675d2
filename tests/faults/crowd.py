"""A crowd of citizens with plain browsers, who do as they are told: they come again when it says so."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.load import Answer, Connection, request_bytes

BUSY = 503
#: For how long those wait who were turned away and not told for how long.
NEVER_TOLD = 1.0
FORM = "application/x-www-form-urlencoded"

#: Yields seconds to wait, or a request and is given its answer.
Way = Generator[float | bytes, Answer, None]
#: A part of it, which comes to the last answer.
Part = Generator[float | bytes, Answer, Answer]


@dataclass
class Plain:
    """A browser without JavaScript: it keeps cookies, and waits when a page says so."""

    base_url: str
    seen: "Seen"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Part:
        """Open a page, however often it has to be asked for."""
        return (yield from self._ask("GET", path))

    def post(self, path: str, **form: str) -> Part:
        """Send a form of a page that was opened before."""
        return (yield from self._ask("POST", path, {**form, "csrfmiddlewaretoken": self.cookies["gaap_csrf"]}))

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Part:
        while True:
            answer = yield from served(self._request(method, path, form), seen=self.seen)
            self._keep_cookies(answer)
            again = answer.header("Refresh")
            if not again:
                return answer
            yield float(again)

    def _request(self, method: str, path: str, form: Mapping[str, str] | None) -> bytes:
        headers = {
            "Accept": "text/html",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if form is not None:
            headers["Content-Type"] = FORM
        return request_bytes(method, self.base_url + path, headers=headers, body=urlencode(form or {}).encode())

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.headers("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value


@dataclass
class Seen:
    """How everybody's requests were answered, and what was wrong with the answers."""

    statuses: Counter[int] = field(default_factory=Counter)
    waiting_pages: int = 0
    without_a_time: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        """Count an answer."""
        with self._lock:
            self.statuses[answer.status] += 1
            self.waiting_pages += bool(answer.header("Refresh"))
            self.without_a_time += answer.status == BUSY and not answer.header("Retry-After")


def served(request: bytes, *, seen: Seen) -> Part:
    """Send a request again for as long as there is no room for it, each time when the answer says."""
    while True:
        answer = yield request
        seen.note(answer)
        if answer.status != BUSY:
            return answer
        yield float(answer.header("Retry-After") or NEVER_TOLD)


class Crowd:
    """Lets everybody go their way, each from their own moment on; whoever waits keeps no connection."""

    def __init__(self, base_url: str, *, patience: float) -> None:
        """Take where to; after ``patience`` seconds whoever is still on the way goes home."""
        self.faults: list[Exception] = []
        self._address = urlsplit(base_url).netloc
        self._patience = patience
        self._turns = count()
        self._due: list[tuple[float, int, Way]] = []
        self._left = 0
        self._lock = threading.Lock()

    def go(self, ways: Sequence[Way], *, within: float, connections: int) -> int:
        """Start every way within so many seconds, evenly; return how many did not come to their end.

        Those that ended in an exception are among them, and their exceptions in ``faults``.
        """
        began, self._left = time.monotonic(), len(ways)
        for number, way in enumerate(ways):
            self._come_again(began + within * number / len(ways), way)
        askers = [threading.Thread(target=self._work, args=(began + self._patience,)) for _ in range(connections)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        return self._left + len(self.faults)

    def _work(self, deadline: float) -> None:
        with closing(Connection(self._address)) as connection:
            while self._left and time.monotonic() < deadline:
                way = self._next()
                if way is None:
                    time.sleep(0.05)
                else:
                    self._step(way, connection)

    def _next(self) -> Way | None:
        with self._lock:
            is_due = self._due and self._due[0][0] <= time.monotonic()
            return heapq.heappop(self._due)[2] if is_due else None

    def _step(self, way: Way, connection: Connection) -> None:
        """Go on until the next wait, or to the end."""
        try:
            wanted = next(way)
            while isinstance(wanted, bytes):
                wanted = way.send(connection.send(wanted))
        except StopIteration:
            self._end()
        except Exception as error:
            self._end(error)
        else:
            self._come_again(time.monotonic() + wanted, way)

    def _end(self, *faults: Exception) -> None:
        with self._lock:
            self._left -= 1
            self.faults += faults

    def _come_again(self, due: float, way: Way) -> None:
        with self._lock:
            heapq.heappush(self._due, (due, next(self._turns), way))
