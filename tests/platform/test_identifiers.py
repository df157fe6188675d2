"""Ids are of their form, in the order of time, and never twice, in threads and forked processes too."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

from gaap.identifiers import POOL_BYTES, new_base32_id, new_uuid

MANY = 2 * POOL_BYTES // 10


def test_uuids_are_version_seven_and_ordered():
    found = [new_uuid() for _ in range(50)]
    assert {(one.version, one.variant) for one in found} == {(7, "specified in RFC 4122")}
    assert [one.int >> 80 for one in found] == sorted(one.int >> 80 for one in found)


def test_never_twice_in_threads():
    with ThreadPoolExecutor(8) as pool:
        found = [
            one
            for batch in pool.map(lambda _: [new_uuid().int & (2**62 - 1) for _ in range(MANY)], range(8))
            for one in batch
        ]
    assert len(set(found)) == len(found)


def test_a_forked_process_has_ids_of_its_own():
    new_uuid()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, " ".join(str(new_uuid().int & (2**62 - 1)) for _ in range(20)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    of_the_child = {int(text) for text in os.read(reading, 10_000).split()}
    assert len(of_the_child) == 20
    assert of_the_child.isdisjoint({new_uuid().int & (2**62 - 1) for _ in range(20)})


def test_base32_ids():
    assert re.fullmatch("[0-9a-v]{26}", new_base32_id())
