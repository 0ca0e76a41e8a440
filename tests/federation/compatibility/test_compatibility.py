"""Apollo's subgraph compatibility suite against the gateway's HTTP endpoint, composition and Apollo Gateway."""

import json
import os
import re
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

from tests.federation.compatibility.products import SCHEMA
from tests.federation.test_gateways import EXAMPLE, served
from tests.nodejs import started
from tests.npm import npm_install
from tests.patience import PATIENCE
from tests.web.serving import serve
from tests.web.toy import toy_app

HERE = Path(__file__).parent
SUITE = HERE / "node_modules" / "@apollo" / "federation-subgraph-compatibility-tests" / "dist"
DOCS = HERE.parents[2] / "docs" / "federation.md"
ROWS = re.findall(r"^\| `(.+)` \| passes \|$", DOCS.read_text(), re.MULTILINE)


def test_the_suite_passes_as_the_docs_say(tmp_path: Path) -> None:
    npm_install(EXAMPLE)
    npm_install(HERE)
    with ExitStack() as stack:
        products = stack.enter_context(serve(toy_app(schema=SCHEMA))) + "/graphql"
        urls = [f"products={products}"]
        for name in ("inventory", "users"):
            port = {f"{name.upper()}_PORT": str(free_port())}
            program = started(["node", "index.js"], SUITE / "subgraphs" / name, 1, **port)
            (url,) = stack.enter_context(program)
            urls.append(f"{name}={url}")
        router, _ = stack.enter_context(served(tmp_path / "supergraph.graphql", urls))
        passed = run_suite(PRODUCTS_URL=products, ROUTER_URL=router)
    assert passed == set(ROWS)
    assert len(passed) == 15


def free_port() -> int:
    """Return a port that is free now; the suite's programs take 0 for none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run_suite(**environment: str) -> set[str]:
    """Run the suite's compiled tests; returns the rows of its table, each of which passes."""
    configuration = {
        "rootDir": str(SUITE / "tests"),
        "moduleNameMapper": {"^../utils/client$": str(HERE / "client.cjs")},
        "modulePaths": [str(HERE / "node_modules")],
        "testPathIgnorePatterns": [],
        "haste": {"retainAllFiles": True},
        "transform": {},
    }
    done = subprocess.run(
        ["node_modules/.bin/jest", "--ci", "--json", "--runInBand", "--config", json.dumps(configuration)],
        cwd=HERE,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout, done.stderr
    rows: set[str] = set()
    for file in json.loads(done.stdout)["testResults"]:
        assert file["assertionResults"], file["message"]
        for test in file["assertionResults"]:
            # The suite's own table goes by the outermost title.
            name = (test["ancestorTitles"] or [test["title"]])[0]
            assert test["status"] == "passed", test["failureMessages"]
            rows.add(name)
    return rows
