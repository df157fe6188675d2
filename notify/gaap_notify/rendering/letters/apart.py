"""Reading a stranger's PDF in a process of its own, which ends when it takes too much time or memory.

A file of a few kilobytes can hold work for hours, and a fault in a library for drawing would end whoever calls it.
"""

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict

from gaap_notify.rendering.letters.checking import BROKEN, MAX_PAGES, UNREADABLE, CheckedPdf, check_pdf
from gaap_notify.rendering.letters.pictures import preview_png

#: Of the processor's time; ten pages of a letter take less than two.
CPU_SECONDS = 10
#: Longer than the processor's time, for machines that are busy.
WAIT_SECONDS = 120
MEMORY_BYTES = 2 * 1024**3


def check_pdf_apart(data: bytes, *, cpu_seconds: int = CPU_SECONDS) -> CheckedPdf:
    """Return what ``check_pdf`` does; a file that cannot be checked and drawn within the bounds is unreadable."""
    command = [sys.executable, "-P", "-m", __name__, str(cpu_seconds)]
    # Nothing else of our environment: it holds secrets, and the file is a stranger's.
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        finished = subprocess.run(
            command, input=data, capture_output=True, env=environment, timeout=WAIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return CheckedPdf(fault=UNREADABLE)
    if finished.returncode:
        return CheckedPdf(fault=UNREADABLE)
    found = json.loads(finished.stdout)
    return CheckedPdf(found["pages"], tuple(found["address"]), found["fault"], tuple(found["fault_pages"]))


def main() -> None:
    """Check the PDF on the standard input, draw what is shown of it, and print what was found as JSON."""
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    data = sys.stdin.buffer.read()
    checked = check_pdf(data)
    if checked.fault != UNREADABLE:
        checked = _drawn(data, checked)
    sys.stdout.write(json.dumps(asdict(checked)))


def _drawn(data: bytes, checked: CheckedPdf) -> CheckedPdf:
    """Return ``checked`` when the pages that people look at can be drawn."""
    try:
        for page in range(1, min(checked.pages, MAX_PAGES) + 1):
            preview_png(data, page=page)
    except BROKEN:
        return CheckedPdf(fault=UNREADABLE)
    return checked


if __name__ == "__main__":
    main()
