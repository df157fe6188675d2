"""How Python's own machinery treats a process of the suite."""

import gc
import sys

#: Objects that come to be before the youngest are looked through; a request makes some thousands and leaves few.
YOUNG = 20_000
#: So many looks at the younger come before one at the older.
OLDER = 20
#: How long a thread may go on while others could. What a request computes between two waits takes some milliseconds;
#: to be interrupted in it costs more than to wait for its end.
TURN_SECONDS = 0.02


def settle() -> None:
    """Take what has been loaded for good out of the garbage collector's sight, and let threads finish what they do.

    To be called once in each process, after the code has been loaded and before its work begins: the modules of the
    suite and of its libraries hold hundreds of thousands of objects that stay until the process ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
    sys.setswitchinterval(TURN_SECONDS)
