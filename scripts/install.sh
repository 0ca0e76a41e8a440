#!/bin/sh
# Installs exactly what a lock names into a virtual environment, which it makes first where there is none, with $PYTHON
# if that is set: install.sh VENV LOCK
set -eu
venv=$1 lock=$2 python=$1/bin/python

if ! [ -x "$python" ]; then
  base=${PYTHON:-$("$(dirname "$0")/python.sh")}
  "$base" -m venv --without-pip "$venv"
fi
# A new environment has no pip, nor has one of uv's.
"$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip --default-pip >/dev/null || {
  echo "This Python comes without ensurepip: on Debian and Ubuntu, install python3-venv." >&2
  exit 1
}

# An exact lock needs no resolver, and an old pip's would step around its pins. `-qq` says errors only, because pip's
# warnings are about its own configuration; what failed is tried again with all its words.
locked() { "$python" -m pip install "$@" --disable-pip-version-check --no-deps --require-hashes -r "$lock"; }
locked -qq || locked

conflicts=$("$python" -m pip check) || {
  printf '%s\nThe packages in %s contradict each other: remove that folder, and run this again.\n' "$conflicts" "$venv" >&2
  exit 1
}
