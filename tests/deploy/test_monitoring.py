"""What watches the gateway: Prometheus' rules, Grafana's dashboard, and the metrics that they name."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import yaml  # type: ignore[import-untyped]

from tests.deploy.conftest import DEPLOY, ROOT, checked
from tests.gateways import ask, started

RULES = DEPLOY / "prometheus/rules.yml"
SHEDDING = DEPLOY / "kubernetes/shedding"
DASHBOARD = DEPLOY / "grafana/provisioning/dashboards/catalogue-gateway.json"
PARTS = ("bucket", "sum", "count")


OPTIONS = ("--upstream", "sample", "--data-dir", ":memory:", "--store", "redis://127.0.0.1:1", "--access-log", "off")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exposed() -> str:
    """What a gateway exposes that has answered a query, and whose store cannot be reached."""
    async with started(sys.executable, "server.py", "--port", "0", *OPTIONS) as (_, url):
        await ask(url, "{ package(id: 4005) { id } }")
        async with httpx.AsyncClient() as client:
            return (await client.get(url.removesuffix("graphql") + "metrics")).text


def metrics(exposed: str) -> dict[str, str]:
    """Return the kinds of metrics, by name."""
    return dict(re.findall(r"^# TYPE ((?:catalogue|process)_\w+) (\w+)", exposed, re.MULTILINE))


def watched(text: str) -> set[str]:
    return set(re.findall(r"\b(?:catalogue|process)_[a-z_]+", text))


def test_promtool_is_content_with_the_rules() -> None:
    checked("promtool", "check", "config", DEPLOY / "prometheus/prometheus.yml")
    checked("promtool", "test", "rules", DEPLOY / "prometheus/rules.test.yml")


def test_promtool_is_content_with_the_metrics(exposed: str) -> None:
    subprocess.run(["promtool", "check", "metrics"], input=exposed, text=True, check=True)


@pytest.mark.parametrize("path", [RULES, DASHBOARD], ids=["rules", "dashboard"])
def test_what_is_watched_exists(path: object, exposed: str) -> None:
    kinds = metrics(exposed)
    series = {name for name, kind in kinds.items() if kind != "histogram"}
    series |= {f"{name}_{part}" for name, kind in kinds.items() if kind == "histogram" for part in PARTS}
    found = watched((RULES if path is RULES else DASHBOARD).read_text())
    assert found
    assert found <= series


def test_all_that_is_counted_is_shown_and_told_of(exposed: str) -> None:
    shown = {re.sub(f"_({'|'.join(PARTS)})$", "", name) for name in watched(DASHBOARD.read_text())}
    told = {name for name in metrics(exposed) if name.startswith("catalogue_")}
    assert told - shown == {"catalogue_snapshot_number"}, "a number to compare, not to watch"
    guide = (ROOT / "docs" / "monitoring.md").read_text()
    assert told == set(re.findall(r"^\| `(catalogue_\w+)`", guide, re.MULTILINE))


def test_each_panel_has_a_place_and_a_title_of_its_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    for what in ("id", "title", "gridPos"):
        assert len({json.dumps(panel[what]) for panel in panels}) == len(panels)


def test_pods_are_added_by_what_the_adapter_makes_of_the_operations_that_are_shed(exposed: str, tmp_path: Path) -> None:
    by_cpu = yaml.safe_load((DEPLOY / "kubernetes/hpa.yaml").read_text())
    by_shed = yaml.safe_load((SHEDDING / "hpa.yaml").read_text())
    *others, shed = by_shed["spec"].pop("metrics")
    assert others == by_cpu["spec"].pop("metrics")
    assert by_shed == by_cpu, "it takes the place of the other"
    adapter = yaml.safe_load((SHEDDING / "adapter.yaml").read_text())
    (rule,) = yaml.safe_load(adapter["data"]["config.yaml"])["rules"]
    assert shed["pods"]["metric"]["name"] == rule["name"]["as"]
    series = rule["seriesQuery"].partition("{")[0]
    assert metrics(exposed)[series] == "counter"
    query = rule["metricsQuery"]
    for part, value in (("Series", series), ("LabelMatchers", 'namespace="web",pod=~"a|b"'), ("GroupBy", "pod")):
        query = query.replace(f"<<.{part}>>", value)
    rules = tmp_path / "rules.yml"
    rules.write_text(
        yaml.safe_dump({"groups": [{"name": "hpa", "rules": [{"record": rule["name"]["as"], "expr": query}]}]})
    )
    samples = [
        {"series": f'{series}{{namespace="web",pod="{pod}",process="{process}"}}', "values": "0+60x10"}
        for pod, process in (("a", 1), ("a", 2), ("b", 1))
    ]
    expected = [
        {"labels": f'{rule["name"]["as"]}{{pod="{pod}"}}', "value": value} for pod, value in (("a", 2), ("b", 1))
    ]
    case = {"interval": "1m", "input_series": samples}
    case["promql_expr_test"] = [{"expr": rule["name"]["as"], "eval_time": "10m", "exp_samples": expected}]
    tests = tmp_path / "rules.test.yml"
    tests.write_text(yaml.safe_dump({"rule_files": [str(rules)], "tests": [case]}))
    checked("promtool", "test", "rules", tests)
