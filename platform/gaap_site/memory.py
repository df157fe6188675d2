"""How Python's collector treats a process of the suite."""

import gc

#: Objects that come to be before the youngest are looked through; a request makes some thousands and leaves few.
YOUNG = 20_000
#: So many looks at the younger come before one at the older.
OLDER = 20


def keep_what_is_loaded() -> None:
    """Take what has been loaded for good out of the collector's sight, and let it look less often.

    To be called once in each process, after the code has been loaded and before its work begins: the modules of the
    suite and of its libraries hold hundreds of thousands of objects that stay until the process ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
