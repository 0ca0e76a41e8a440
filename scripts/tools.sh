#!/bin/sh
# Sees that the programs which the end-to-end tests drive are here, and installs with apt those that are not:
# tools.sh [node] [chromium] [nginx] [curl] [jq] [promtool] [systemd-analyze] [redis-server]
set -eu
NODE=20
WITHOUT="\`make run\` and \`make unit\` need none of this."

refuse() { echo "$* $WITHOUT" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

missing=
for tool; do
  case $tool in
    node)
      if ! has node; then missing="$missing nodejs"
      elif [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -lt $NODE ]; then
        refuse "The end-to-end tests need Node $NODE or newer, and this is Node $(node --version): see https://nodejs.org."
      elif ! has npm; then missing="$missing npm"; fi ;;
    promtool) has promtool || missing="$missing prometheus" ;;
    systemd-analyze) has systemd-analyze || missing="$missing systemd" ;;
    redis-server) has redis-server || has valkey-server || missing="$missing redis-server" ;;
    chromium) has chromium || has chromium-browser || has google-chrome || missing="$missing chromium" ;;
    *) has "$tool" || missing="$missing $tool" ;;
  esac
done
[ -n "$missing" ] || exit 0

why="The end-to-end tests drive a browser (chromium), a caching proxy (nginx), curl and jq, clients and builds in Node $NODE (nodejs, npm), a store that gateways share (redis-server), and what checks files of deploy/ (prometheus, systemd)."
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
{ has apt-get && { [ -z "$sudo" ] || has sudo; }; } || refuse "$why Install these, and run this again:$missing."

echo "$why Not here, so apt installs:$missing."
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
case $missing in
  *nodejs*)
    offered=$(LC_ALL=C apt-cache policy nodejs | sed -n 's/.*Candidate: \([0-9]*\)\..*/\1/p')
    [ "${offered:-0}" -ge $NODE ] ||
      refuse "The end-to-end tests need Node $NODE or newer, and apt here offers ${offered:-none}: see https://nodejs.org." ;;
esac
# shellcheck disable=SC2086  # a list of names
$sudo apt-get install -y -qq $missing >/dev/null
# Debian keeps npm apart; where others offer Node, it is part of it.
case $missing in *nodejs*) has npm || $sudo apt-get install -y -qq npm >/dev/null ;; esac
