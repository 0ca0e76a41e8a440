"""What the gateway says that it is made of is what the locks name and the bundles hold."""

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

from tests.test_install import pins

ROOT = Path(__file__).parents[1]
BUNDLES = {"graphiql": "web/static/graphiql/licences.md", "frontend": "web/frontend/licences.md"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run([ROOT / "scripts/sbom.sh", folder], env={**os.environ, "PYTHON": sys.executable}, check=True)
    return folder


def components(path: Path) -> set[tuple[str, str]]:
    """Return names and versions of the components of a bill of materials, which has to be a valid one."""
    text = path.read_text()
    bill = json.loads(text)
    assert bill["bomFormat"] == "CycloneDX"
    version = SchemaVersion.from_version(bill["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None
    return {(each["name"], each["version"]) for each in bill["components"]}


def test_python_s_packages_are_those_of_the_lock(written: Path) -> None:
    found = components(written / "python.cdx.json")
    assert found == {(pin["name"], pin["version"]) for pin in pins("requirements-image.lock")}


@pytest.mark.parametrize("name", BUNDLES)
def test_what_is_bundled_is_in_it(written: Path, name: str) -> None:
    listed = re.findall(r"^## (\S+) - (\S+) \(", (ROOT / BUNDLES[name]).read_text(), re.MULTILINE)
    found = components(written / f"{name}.cdx.json")
    assert listed
    assert {each for each in listed if each not in found} == set()
