"""What the files of deploy/ say is valid, by the programs that read them, and fits the gateway."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from server import create_app
from settings import Settings, environment_name
from tests.deploy.conftest import DATA_DIR, DEPLOY, ROOT, checked
from tests.test_house import ROOMS
from tests.web.serving import serve
from version import VERSION
from web.workers import KILL_SECONDS

VARIABLES = {environment_name(each.name) for each in fields(Settings)}
DEFAULTS = Settings()
MANIFESTS = {path.stem: yaml.safe_load(path.read_text()) for path in (DEPLOY / "kubernetes").glob("*.yaml")}
PYTHON = "/opt/catalogue-gateway/bin/python"
HEALTH = {"/healthz", "/readyz"}
"""Paths of `web/health.py`."""


def compose() -> Any:
    """Return the compose file as compose understands it."""
    return json.loads(checked("docker-compose", "-f", "deploy/compose.yaml", "config", "--format", "json"))


def instructions(path: Path) -> dict[str, list[str]]:
    """Return the arguments of a Containerfile's instructions, by their names."""
    found: dict[str, list[str]] = {}
    for line in re.sub(r"\\\n", "", path.read_text()).splitlines():
        if line and not line.startswith("#"):
            name, _, argument = line.partition(" ")
            found.setdefault(name, []).append(argument.strip())
    return found


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*ontainerfile")), ids=lambda path: path.name)
def test_an_image_is_linted_and_runs_as_nobody_in_particular(path: Path) -> None:
    checked("hadolint", "--failure-threshold", "info", path)
    found = instructions(path)
    assert re.fullmatch(r"\d{4,}:\d{4,}", found["USER"][-1])
    assert isinstance(json.loads([*found.get("CMD", []), *found.get("ENTRYPOINT", [])][-1]), list), "the exec form"


def test_the_image_starts_the_gateway_where_it_is_asked(tmp_path: Path) -> None:
    found = instructions(DEPLOY / "Containerfile")
    values = dict(each.split("=") for each in shlex.split(found["ENV"][-1]))
    assert values.keys() <= VARIABLES
    assert [values["CATALOGUE_DATA_DIR"]] == found["VOLUME"] == [DATA_DIR]
    assert found["EXPOSE"] == [str(DEFAULTS.port)]
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert [Path(each).name for each in json.loads(found["ENTRYPOINT"][0])] == list(scripts)


def test_the_image_s_health_check_sees_whether_the_gateway_answers(tmp_path: Path) -> None:
    check = json.loads(instructions(DEPLOY / "Containerfile")["HEALTHCHECK"][0].partition("CMD ")[2])
    assert check[:2] == [PYTHON, "-c"]

    assert f"'CATALOGUE_PORT', {DEFAULTS.port}" in check[2]

    def status(port: int) -> int:
        environment = {**os.environ, "CATALOGUE_PORT": str(port)}
        return subprocess.run([sys.executable, *check[1:]], env=environment, stderr=subprocess.DEVNULL).returncode

    with serve(create_app(Settings(upstream="sample", data_dir=tmp_path))) as url:
        port = int(url.rpartition(":")[2])
        assert status(port) == 0
    assert status(port) != 0


def test_the_image_s_context_has_what_it_is_made_of() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    wanted = {room for room in ROOMS if (ROOT / room).is_dir()}
    wanted |= {"pyproject.toml", "README.md", "LICENSE", "scripts", "*.py", "examples/federation"}
    copied = " ".join(" ".join(instructions(path)["COPY"]) for path in DEPLOY.glob("*ontainerfile"))
    wanted |= set(re.findall(r"[\w-]+\.lock", copied))
    assert allowed == wanted


def test_the_unit_is_valid_and_confined(tmp_path: Path) -> None:
    text = (DEPLOY / "catalogue-gateway.service").read_text()
    unit = tmp_path / "catalogue-gateway.service"
    unit.write_text(text.replace("/opt/catalogue-gateway/bin/catalogue-gateway", sys.executable))
    checked("systemd-analyze", "verify", unit)
    checked("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)
    (files,) = re.findall(r"^LimitNOFILE=(\d+)$", text, re.MULTILINE)
    assert int(files) >= DEFAULTS.max_connections + DEFAULTS.max_subscribers + 1000, "as many as the settings allow"


def test_the_compose_file_is_valid_and_names_what_is_there() -> None:
    services = compose()["services"]
    gateways = {name: each for name, each in services.items() if each.get("image") == "catalogue-gateway"}
    folders = {(mount["source"], mount["target"]) for each in gateways.values() for mount in each["volumes"]}
    assert len(gateways) == len(folders) == 2, "each has a copy of its own"
    assert {each["environment"]["CATALOGUE_STORE"] for each in gateways.values()} == {"redis://valkey:6379/0"}
    assert "valkey" in services
    assert all(int(each["stop_grace_period"].rstrip("s")) > KILL_SECONDS for each in gateways.values())
    assert {target for _, target in folders} == {DATA_DIR}
    for name, each in services.items():
        set_here = {variable for variable in each.get("environment") or {} if variable.startswith("CATALOGUE_")}
        assert set_here <= VARIABLES, name
        for mount in each.get("volumes", []):
            assert mount["type"] == "volume" or Path(mount["source"]).exists(), mount
    built = [each["image"] for each in services.values() if "build" in each]
    assert sorted(built) == sorted({each["image"] for each in services.values() if "/" not in each["image"]})
    for each in services.values():
        if "build" in each:
            assert Path(each["build"]["context"], each["build"]["dockerfile"]).exists()


def test_what_stands_in_front_names_the_gateways_of_the_compose_file() -> None:
    gateways = {f"{name}:{DEFAULTS.port}" for name in compose()["services"] if name.startswith("gateway-")}
    assert set(re.findall(r"server (\S+:\d+)", (DEPLOY / "nginx/balance.conf").read_text())) == gateways
    (job,) = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    assert set(job["static_configs"][0]["targets"]) == gateways


def test_the_manifests_are_valid() -> None:
    checked("kubernetes-validate", "--strict", *sorted((DEPLOY / "kubernetes").rglob("*.yaml")))


def test_the_manifests_fit_each_other() -> None:
    deployment, hpa = MANIFESTS["deployment"], MANIFESTS["hpa"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [deployment["spec"]["selector"]["matchLabels"], MANIFESTS["pdb"]["spec"]["selector"]["matchLabels"]]
    assert [*selectors, MANIFESTS["service"]["spec"]["selector"]] == [labels] * 3
    assert hpa["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert MANIFESTS["pdb"]["spec"]["minAvailable"] < hpa["spec"]["minReplicas"], "or no node can be emptied"


def test_the_pods_share_the_store() -> None:
    server, service = MANIFESTS["valkey"]["spec"]["template"], MANIFESTS["valkey-service"]
    (pod,) = MANIFESTS["deployment"]["spec"]["template"]["spec"]["containers"]
    (url,) = [each["value"] for each in pod["env"] if each["name"] == "CATALOGUE_STORE"]
    (port,) = service["spec"]["ports"]
    assert url == f"redis://{service['metadata']['name']}:{port['port']}/0"
    assert service["spec"]["selector"] == server["metadata"]["labels"]
    (container,) = server["spec"]["containers"]
    assert [each["name"] for each in container["ports"]] == [port["targetPort"]]
    assert container["image"] == compose()["services"]["valkey"]["image"]
    assert container["args"] == compose()["services"]["valkey"]["command"]


def test_only_the_gateways_reach_the_store() -> None:
    policy, store = MANIFESTS["valkey-policy"]["spec"], MANIFESTS["valkey"]["spec"]["template"]
    (rule,) = policy["ingress"]
    assert policy["podSelector"]["matchLabels"] == store["metadata"]["labels"]
    assert rule["from"] == [{"podSelector": MANIFESTS["deployment"]["spec"]["selector"]}]
    assert [each["port"] for each in rule["ports"]] == [MANIFESTS["valkey-service"]["spec"]["ports"][0]["targetPort"]]


def test_what_the_image_has_is_what_is_locked_and_the_extra() -> None:
    locks = [
        set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-image.lock")
    ]
    assert locks[0] < locks[1]
    assert {each.partition("==")[0] for each in locks[1] - locks[0]} == {"redis", "async-timeout"}


def test_the_pods_are_what_the_image_is() -> None:
    pod = MANIFESTS["deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == f"catalogue-gateway:{VERSION}"
    assert {each["name"] for each in container["env"]} <= VARIABLES
    assert pod["enableServiceLinks"] is False, "what Kubernetes sets for Services may have a setting's name"
    assert container["ports"] == [{"name": "http", "containerPort": DEFAULTS.port}]
    assert MANIFESTS["service"]["spec"]["ports"][0]["targetPort"] == "http"
    assert DATA_DIR in {each["mountPath"] for each in container["volumeMounts"]}
    assert {container[f"{each}Probe"]["httpGet"]["path"] for each in ("startup", "liveness", "readiness")} == HEALTH
    (user,) = instructions(DEPLOY / "Containerfile")["USER"]
    assert user == f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] > pause + KILL_SECONDS


def test_the_guide_shows_the_files_as_they_are() -> None:
    guide = (ROOT / "docs/deployment.md").read_text()
    shown = dict(re.findall(r"```(ini|nginx)\n(.*?)```", guide, re.DOTALL))
    assert shown["ini"] == (DEPLOY / "catalogue-gateway.service").read_text()
    assert shown["nginx"] == (DEPLOY / "nginx/prefix.conf").read_text()
