#!/bin/sh
# Writes what the gateway is made of into a folder, as CycloneDX, from the locks: Python's packages, and what GraphiQL
# and the example frontend are made of and with: sbom.sh FOLDER
set -eu
mkdir -p "$1"
target=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
"${PYTHON:-.venv/bin/python}" -W ignore -m cyclonedx_py requirements requirements-image.lock --pyproject pyproject.toml \
  --output-reproducible --output-file "$target/python.cdx.json"

# `npm sbom` came with npm 10; graphiql-explorer names versions of its peers that it does not need.
bundled() {
  (cd "$1" && npx --yes npm@11 sbom --sbom-format cyclonedx --package-lock-only --legacy-peer-deps) \
    >"$target/$2.cdx.json"
}
bundled web/graphiql graphiql
bundled examples/frontend frontend
