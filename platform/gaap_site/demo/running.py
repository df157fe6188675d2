"""The whole demo, running: the suite and the sample program once for each service."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from gaap.conf import conf
from gaap_site.demo.instance import Demo
from gaap_site.demo.suite import suite_in_processes, suite_in_this_process
from gaap_site.embedded import PortTakenError
from gaap_site.launch import is_free


@contextmanager
def running_demo(folder: Path, *, in_processes: bool, keeps_logs: bool, say: Callable[[str], object]) -> Iterator[Demo]:
    """Set the demo up in ``folder`` and run it within the block.

    ``in_processes`` gives web, worker and scheduler a process each; ``keeps_logs`` sends what the sample programs
    print into files. ``say`` is told what happens. Raises PortTakenError and ProcessFailedError.
    """
    demo = Demo(folder / "demo")
    for port in (program.port for program in demo.programs):
        if not is_free(port):
            raise PortTakenError(port)
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        running.enter_context(_suite(partial(demo.set_up, say=say), logs=logs if in_processes else None))
        say("Starting the sample service")
        programs = [(program, program.process(logs=logs if keeps_logs else None)) for program in demo.programs]
        for _, process in programs:
            running.enter_context(process)
        for program, process in programs:
            process.wait_until(program.is_answering)
        yield demo


def _suite(prepare: Callable[[], None], *, logs: Path | None) -> AbstractContextManager[None]:
    port = urlsplit(conf.base_url).port or 80
    if logs is None:
        return suite_in_this_process(port, prepare=prepare)
    return suite_in_processes(port, prepare=prepare, logs=logs)
