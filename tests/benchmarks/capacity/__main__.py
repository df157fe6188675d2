"""Print the plan as a page: ``python3 -m tests.benchmarks.capacity FILE``; FILE is a run's benchmarks.json.

Ends with 1 when the simulation does not reproduce the machine that was measured: then the page says nothing.
"""

import sys
from pathlib import Path

from tests.benchmarks.capacity.page import page
from tests.benchmarks.capacity.plan import TOLERANCE, Measured, is_reproduced


def main(file: str) -> int:
    """Print the page; returns the exit code."""
    measured = Measured.read(Path(file))
    sys.stdout.write(page(measured))
    if is_reproduced(measured):
        return 0
    sys.stderr.write(
        f"The queues are more than {TOLERANCE:.0%} off what was measured: measure again on a calm machine.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
