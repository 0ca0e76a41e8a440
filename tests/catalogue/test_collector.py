"""The garbage collector is the process's: whoever puts it off must not change it for good."""

import gc

from catalogue.collector import full_collections


def test_two_that_overlap_leave_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    first, second = full_collections.put_off(), full_collections.put_off()
    first.__enter__()
    during = gc.get_threshold()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold() == during != before
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
