#!/bin/sh
# Prints a Python of one of the versions given (of those supported, unless told): `python3` if it is one of them, or
# one of that name on the PATH, or pyenv's.
set -eu
[ $# -gt 0 ] || set -- 3.11 3.12 3.13

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

for wanted; do
  [ "$(version_of python3)" != "$wanted" ] || { command -v python3; exit; }
done
for wanted; do
  for python in "python$wanted" "${PYENV_ROOT:-${HOME-}/.pyenv}/versions/$wanted."*/bin/python; do
    [ "$(version_of "$python")" != "$wanted" ] || { command -v "$python"; exit; }
  done
done
echo "No Python $* here (python3 is $(version_of python3 || echo missing)): install one, or name one with PYTHON=…" >&2
exit 1
