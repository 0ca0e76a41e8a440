"""When a mirror crawls, alone and in a crowd."""

import time

from catalogue.schedule import Schedule


def test_a_crowd_crawls_as_often_as_one() -> None:
    now = time.monotonic()
    schedules = [Schedule(100.0, 0) for _ in range(400)]
    for each in schedules:
        each.loaded(now, is_whole=True)
        each.share(8)
    firsts = sorted(each.seconds_to_crawl for each in schedules)
    assert 99 <= firsts[0] < 200
    assert 600 < firsts[-1] <= 800
    assert 250 < sum(firsts) / len(firsts) - 100 < 450
    for each in schedules:
        each.crawled(now)
        assert 700 <= each.seconds_to_crawl <= 900


def test_who_is_no_longer_one_of_a_crowd_crawls_as_before() -> None:
    schedule = Schedule(100.0, 0)
    schedule.loaded(time.monotonic(), is_whole=True)
    schedule.share(8)
    schedule.share(1)
    assert 90 <= schedule.seconds_to_crawl <= 100


def test_in_a_crowd_too_who_has_nothing_crawls_at_once() -> None:
    schedule = Schedule(100.0, 0)
    schedule.share(8)
    assert schedule.is_crawl_due


def test_a_start_from_the_store_looks_for_news_a_moment_later_and_crawls_at_once_where_that_is_due() -> None:
    schedule = Schedule(100.0, 10.0)
    assert schedule.is_look_due
    schedule.loaded(time.monotonic() - 50, is_whole=True)
    assert (schedule.is_look_due, 1 < schedule.seconds <= 2) == (False, True)
    schedule.looked()
    schedule.loaded(time.monotonic(), is_whole=True)
    assert schedule.seconds > 5
    schedule.loaded(time.monotonic() - 200, is_whole=True)
    assert schedule.is_crawl_due
