#!/usr/bin/env bash
# Every test of Earshot: `bash tests/run.sh`, or `bash tests/run.sh fast` for the part under a minute.
#
# Does its own set-up first. One line per step with its seconds, the log only of what failed, then one line to read and,
# alone on the last line, `N passed, N failed`. Exit status 0 only when everything passed.
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
# shellcheck source=deploy/setup.sh
source "$ROOT/deploy/setup.sh"

usage() { sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

case "${1:-all}" in
  all | fast) WHICH="${1:-all}" ;;
  -h | --help) usage && exit ;;
  *) usage >&2 && exit 2 ;;
esac

missing_packages() {
  command -v chromium >/dev/null || printf 'chromium '
  fc-list 2>/dev/null | grep -c 'Noto.*Arabic' >/dev/null || printf 'fonts-noto-core '
  command -v soffice >/dev/null || printf 'libreoffice-calc-nogui '
}

ensure_browser() {
  local missing
  missing="$(missing_packages)"
  [ -z "$missing" ] && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    stop_with "The tests need ${missing% }; please ask somebody who may install packages (apt-get install ${missing% })."
  say "Installing ${missing% } …"
  # shellcheck disable=SC2086 # a list of packages
  DEBIAN_FRONTEND=noninteractive quietly "What the tests need could not be installed." '' 0 \
    sh -c "apt-get update && apt-get install -y --no-install-recommends fontconfig $missing"
}

one_at_a_time
ensure_python "$ROOT/tests/requirements.lock"
ensure_node_packages
ensure_frontend
[ "$WHICH" = fast ] || ensure_browser
all_done

cd "$ROOT"
OUT="$(mktemp -d "${TMPDIR:-/tmp}/earshot-tests.XXXXXX")"
trap 'rm -rf "$OUT"' EXIT
mkdir -p tests/out "$OUT/run"
chmod 700 "$OUT/run"
export PATH="$ROOT/.venv/bin:$PATH" XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$OUT/run}"
export NUMBA_CACHE_DIR="${NUMBA_CACHE_DIR:-$ROOT/tests/out/numba}" # compiling for a minute once is enough
export PLAYWRIGHT_NODEJS_PATH="${PLAYWRIGHT_NODEJS_PATH:-$(command -v node)}" # its own needs a library that Debian leaves out
BEGAN=$SECONDS

step() { # step NAME COMMAND…: its log, its exit status and one line about it
  local name="$1" began=$SECONDS status=0
  shift
  "$@" >"$OUT/$name.log" 2>&1 </dev/null || status=$?
  echo "$status" >"$OUT/$name.status"
  if [ "$status" = 0 ]; then
    printf '  ok      %-22s %4d s\n' "$name" $((SECONDS - began))
  else
    printf '  FAILED  %-22s %4d s\n' "$name" $((SECONDS - began))
  fi
}

tests() { # tests NAME MARKS OPTIONS…
  local name="$1" marks="$2"
  shift 2
  step "$name" pytest -m "$marks" -p no:cacheprovider --junitxml "$OUT/$name.xml" "$@"
}

static_checks() {
  step ruff ruff check .
  step ruff-format ruff format --check .
  step mypy mypy
  step mypy-tests env MYPYPATH=tests mypy --explicit-package-bases tests # several rooms have a conftest.py
  step lint-imports lint-imports
  [ "$WHICH" = fast ] && return # the rest takes a minute of processor time, and the fast part stays under one
  step vue-tsc npm --prefix frontend --silent run check
  step vitest npm --prefix frontend --silent test -- --reporter=default --reporter=json --outputFile.json="$OUT/vitest.json"
}

say "Checks and tests:"
static_checks &
tests fast "not slow and not fault and not e2e" -n 2 --dist worksteal
wait
if [ "$WHICH" = all ]; then
  tests slow "slow and not fault and not e2e" -n 2 --dist loadfile
  tests fault "fault and not e2e" -n 2 --dist loadfile
  tests e2e "e2e" -n 2 --dist loadfile
fi

python tests/report.py "$OUT" $((SECONDS - BEGAN))
