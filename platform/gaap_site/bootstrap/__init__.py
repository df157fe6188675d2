"""Give every command an environment that holds what it needs, with nothing but a Python at hand.

Standard library only, and no syntax newer than Python 3.6, so that an old Python can read these files and say what is
wrong.
"""

from typing import List

from gaap_site.bootstrap.checks import refuse_old_python
from gaap_site.bootstrap.environment import Environment
from gaap_site.bootstrap.requirements import is_installed_here

REQUIREMENTS_FOR = {"demo": "demo", "test": "test", "benchmark": "test"}


def enter(root: str, argv: List[str]) -> None:
    """Return once the running interpreter holds what the command in `argv` needs; else start it again where it does.

    1. Refuse a Python that is too old, naming a newer one if the machine has it.
    2. Stay where everything is installed already: a container image, a developer's own environment.
    3. Make or complete `.venv` beside manage.py from the hashed requirements, one start at a time.
    4. Start the same command again inside it.

    `root` is the folder of manage.py. Leaves by SystemExit, with words on what to do, when that cannot be had.
    """
    refuse_old_python(argv)
    wanted = REQUIREMENTS_FOR.get(argv[1] if len(argv) > 1 else "", "base")
    environment = Environment(root, wanted)
    if environment.is_running() and environment.is_ready():
        return
    if not environment.is_running() and is_installed_here(root, wanted):
        return
    if not environment.is_ready():
        environment.complete()
    environment.start_again()
