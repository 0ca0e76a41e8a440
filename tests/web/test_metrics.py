"""`/metrics`, as a Prometheus reads it."""

import pickle
from pathlib import Path

import httpx
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as metrics_of

from catalogue import Catalogue
from catalogue.metrics import measures
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.web.toy import client, toy_app
from upstream import Package
from version import VERSION
from web.metrics import MAX_OPERATIONS, OTHER, Metrics

Values = dict[str, float]


async def scraped(gateway: httpx.AsyncClient) -> str:
    response = await gateway.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert response.headers["cache-control"] == "no-store"
    return response.text


def values(text: str) -> Values:
    """Return the samples by name and labels, written as Prometheus writes them."""
    return {
        sample.name + ",".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for metric in metrics_of(text)
        for sample in metric.samples
    }


async def test_requests_are_counted_by_operation_and_status() -> None:
    async with client(toy_app()) as gateway:
        for query in ("query Greet { hello }", "query Greet { hello }", "{ hello }", "{ nope }", "{"):
            await gateway.post("/graphql", json={"query": query})
        found = values(await scraped(gateway))
    assert found["catalogue_requests_total operation=Greet, status=200"] == 2
    assert found["catalogue_requests_total operation=, status=200"] == 3
    assert found["catalogue_errors_total code=GRAPHQL_VALIDATION_FAILED"] == 1
    assert found["catalogue_errors_total code=GRAPHQL_PARSE_FAILED"] == 1
    assert found["catalogue_request_duration_seconds_count operation=Greet"] == 2
    assert found["catalogue_request_duration_seconds_bucket le=+Inf, operation=Greet"] == 2
    assert found["catalogue_request_duration_seconds_sum operation=Greet"] > 0
    assert found["catalogue_cache_lookups_total cache=responses, outcome=hit"] == 1
    assert found["catalogue_operations"] == 0


async def test_it_says_which_release_this_is_and_what_its_process_takes() -> None:
    async with client(toy_app()) as gateway:
        found = values(await scraped(gateway))
    assert found[f"catalogue_build_info version={VERSION}"] == 1
    assert found["process_resident_memory_bytes"] > 10_000_000
    assert found["process_cpu_seconds_total"] > 0


async def test_names_that_clients_make_up_are_bounded() -> None:
    async with client(toy_app()) as gateway:
        for number in range(MAX_OPERATIONS + 10):
            await gateway.post("/graphql", json={"query": f"query {'Q' * 50}{number} {{ hello }}"})
        await gateway.post("/graphql", json={"query": f"query {'Q' * 5000} {{ hello }}"})
        text = await scraped(gateway)
    assert values(text)[f"catalogue_requests_total operation={OTHER}, status=200"] == 11
    assert len(text) < 500_000


async def test_an_open_metrics_scraper_gets_its_format() -> None:
    async with client(toy_app()) as gateway:
        await gateway.post("/graphql", json={"query": "{ hello }"})
        answer = await gateway.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert "catalogue_requests" in {metric.name for metric in open_metrics(answer.text)}  # type: ignore[no-untyped-call]


async def test_the_upstream_and_the_snapshot(synced: Catalogue, fake: FakeUpstream) -> None:
    fake.replies = {"packages/1/": ABSENT, "packages/2/": Reply(500)}
    for key in (1, 2):
        await synced.overlay.records(Package, [key])
    metrics = Metrics()
    metrics.add(lambda: measures(synced))
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for metric in metrics.collect()
        for sample in metric.samples
    }
    assert found["catalogue_upstream_requests_total", "packages", "absent"] == 1
    assert found["catalogue_upstream_requests_total", "packages", "status"] == 1
    assert found["catalogue_snapshot_number",] == synced.snapshot.number
    assert found["catalogue_snapshot_records", "packages"] == len(synced.snapshot.index.packages)
    assert found["catalogue_crawls_total", "complete"] == 1
    assert found["catalogue_upstream_breaker", "closed"] == 1
    assert found["catalogue_upstream_retry_budget",] > 0


def test_processes_on_one_socket_tell_of_each_other(tmp_path: Path) -> None:
    one = Metrics(tmp_path)
    one.requests.note("Q", 200, 0.1)
    beside = Metrics()
    beside.requests.note("Q", 200, 0.2)
    beside.requests.note("R", 200, 0.2)
    (tmp_path / "1").write_bytes(pickle.dumps(list(beside.collect())))
    gone = tmp_path / str(2**22 + 1)
    gone.write_bytes(pickle.dumps([]))
    (requests,) = (metric for metric in one.collect() if metric.name == "catalogue_requests")
    counted = [
        (sample.labels["operation"], sample.labels["process"] == "1", sample.value) for sample in requests.samples
    ]
    assert sorted(counted) == [("Q", False, 1), ("Q", True, 1), ("R", True, 1)]
    assert not gone.exists()
