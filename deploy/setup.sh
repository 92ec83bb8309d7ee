# Set-up that deploy/run.sh and tests/run.sh share; sourced, not run. It needs `set -euo pipefail`.
#
#   ensure_python LOCKFILE   .venv with the packages of LOCKFILE (beside those of any other lock) and Earshot itself
#   ensure_frontend          frontend/dist, built from frontend/
#
# Each does nothing when nothing changed, and an interrupted one is repaired by the next.

EARSHOT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
EARSHOT_PYTHON="$EARSHOT_ROOT/.venv/bin/python"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore PYTHONNOUSERSITE=1 NO_COLOR=1

stop_with() { # one plain sentence, then the end
  printf '%s\n' "$*" >&2
  exit 1
}

say() { printf '%s\n' "$*"; }

# Run a command with its output in a log; show how many lines matching PATTERN came, where somebody watches.
quietly() { # quietly SENTENCE-WHEN-IT-FAILS PATTERN TOTAL COMMAND…
  local failed="$1" pattern="$2" total="$3" log
  shift 3
  log="$(mktemp "${TMPDIR:-/tmp}/earshot-setup.XXXXXX.log")"
  if [ -t 1 ] && [ "$total" -gt 0 ]; then
    "$@" 2>&1 | tee "$log" | awk -v pattern="$pattern" -v total="$total" \
      '$0 ~ pattern { n++; if (n <= total) { printf "\r  %d of %d", n, total; fflush() } } END { printf "\r\033[K" }' && rm -f "$log" && return
  else
    "$@" >"$log" 2>&1 && rm -f "$log" && return
  fi
  ! grep -qs 'No space left on device' "$log" || failed="The disk is full; make room and start again."
  tail -n 3 "$log" | cut -c 1-200 >&2
  stop_with "$failed The whole log is $log."
}

hash_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

one_at_a_time() { # two runs in one checkout wait for each other; the lock ends with the shell or with all_done
  exec 9<"$EARSHOT_ROOT/deploy"
  if command -v flock >/dev/null; then flock 9; fi
}

all_done() { exec 9<&-; }

find_python() {
  local name
  for name in python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' >/dev/null 2>&1; then
      printf '%s' "$name"
      return
    fi
  done
  return 1
}

make_venv() {
  local python
  python="$(find_python)" || stop_with "Earshot needs Python 3.11, 3.12 or 3.13; please install it (on Debian: apt-get install python3 python3-venv)."
  "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
    stop_with "Python's venv module is missing; please install it (on Debian: apt-get install python3-venv)."
  say "Making a place for Python packages …"
  rm -rf "$EARSHOT_ROOT/.venv"
  quietly "The virtual environment could not be made." '' 0 "$python" -m venv "$EARSHOT_ROOT/.venv"
}

# A checkout that moved, or an installation that was cut short, leaves an environment that cannot be trusted.
venv_is_sound() {
  [ -x "$EARSHOT_PYTHON" ] && [ ! -e "$EARSHOT_ROOT/.venv/.earshot-installing" ] &&
    grep -qF -- "-m venv $EARSHOT_ROOT/.venv" "$EARSHOT_ROOT/.venv/pyvenv.cfg" &&
    "$EARSHOT_PYTHON" -c 'import pip' >/dev/null 2>&1
}

pins_of() { grep -oE '^[A-Za-z0-9._-]+==[^ ;\\]+' "$1" | sort -u; }

# The stamp lists every pin that is installed, so that the tests' lock and this one live in one environment.
merged_pins() { # merged_pins OLD NEW: those of NEW, and those of OLD that NEW does not name
  { cat "$2"; awk -F'==' 'NR == FNR { named[$1] = 1; next } !($1 in named)' "$2" "$1"; } | sort -u
}

install_lock() {
  local lock="$1" stamp="$EARSHOT_ROOT/.venv/.earshot-pins" mark="$EARSHOT_ROOT/.venv/.earshot-installing" wanted
  wanted="$(mktemp)"
  pins_of "$lock" >"$wanted"
  [ -e "$stamp" ] || : >"$stamp"
  if [ -n "$(comm -23 "$wanted" "$stamp")" ]; then
    say "Installing Python packages (only now and after a change; this takes a minute or two) …"
    : >"$mark"
    quietly "The Python packages could not be installed; is there a connection to the package index?" \
      '^(Collecting|Requirement already)' "$(wc -l <"$wanted")" \
      "$EARSHOT_PYTHON" -m pip install --progress-bar off --require-hashes --no-deps -r "$lock"
    merged_pins "$stamp" "$wanted" >"$stamp.new"
    mv "$stamp.new" "$stamp"
    rm -f "$mark"
  fi
  rm -f "$wanted"
}

install_project() {
  local stamp="$EARSHOT_ROOT/.venv/.earshot-project" now
  now="$(hash_of "$EARSHOT_ROOT/pyproject.toml")"
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return
  quietly "Earshot itself could not be installed." '' 0 \
    "$EARSHOT_PYTHON" -m pip install --no-deps --no-build-isolation -e "$EARSHOT_ROOT"
  printf '%s' "$now" >"$stamp"
}

ensure_python() { # ensure_python LOCKFILE
  venv_is_sound || make_venv
  install_lock "$1"
  install_project
}

frontend_hash() {
  (cd "$EARSHOT_ROOT/frontend" && find . \( -name node_modules -o -path ./dist \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

need_node() {
  command -v node >/dev/null || stop_with "Earshot needs Node 20 or newer to build its pages; please install it."
  command -v npm >/dev/null || stop_with "Earshot needs npm to build its pages; please install it (on Debian: apt-get install npm)."
  node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' ||
    stop_with "Earshot needs Node 20 or newer to build its pages; here is Node $(node --version)."
}

ensure_node_packages() { # frontend/node_modules as frontend/package-lock.json says
  local folder="$EARSHOT_ROOT/frontend" stamp="$EARSHOT_ROOT/frontend/node_modules/.earshot-lock" now
  now="$(hash_of "$folder/package-lock.json")"
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && return
  need_node
  say "Installing the packages of the pages …"
  quietly "The packages of the pages could not be installed; is there a connection to the package index?" '' 0 \
    npm --prefix "$folder" ci --no-audit --no-fund --loglevel=error
  printf '%s' "$now" >"$stamp"
}

frontend_is_built() { [ "$(cat "$EARSHOT_ROOT/frontend/dist/.earshot-stamp" 2>/dev/null)" = "$(frontend_hash)" ]; }

ensure_frontend() {
  local stamp="$EARSHOT_ROOT/frontend/dist/.earshot-stamp"
  frontend_is_built && return
  need_node
  ensure_node_packages
  say "Building the pages …"
  rm -f "$stamp"
  quietly "The pages could not be built." '' 0 npm --prefix "$EARSHOT_ROOT/frontend" run build
  frontend_hash >"$stamp"
}
