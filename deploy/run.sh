#!/usr/bin/env bash
# Sets Earshot up where that is needed, then runs it: database, public door, console and worker.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: bash deploy/run.sh [--setup-only] [--empty]

Runs Earshot on this computer. The first run sets everything up, later runs start in seconds. Ctrl-C stops it.

  --setup-only   set up and read the demonstration's comments, then stop
  --empty        start without the demonstration
  --help         this text

Settings, from the environment:
  EARSHOT_HOME           where data, keys and logs live (root: /var/lib/earshot, others: ~/.local/share/earshot)
  EARSHOT_PUBLIC_PORT    where people give feedback (8420)
  EARSHOT_CONSOLE_PORT   where staff read it (8421)
  EARSHOT_MAILBOX_PORT   where the demonstration shows the mails that it sends (8422)
  EARSHOT_BIND           the address both listen on (127.0.0.1)
  EARSHOT_DATABASE_URL   a Postgres 15 or newer to use instead of the one that comes with Earshot
TEXT
}

for word in "$@"; do
  case "$word" in
    --help | -h) usage; exit 0 ;;
    --setup-only | --empty) ;;
    *) printf 'There is no option %s; bash deploy/run.sh --help lists them.\n' "$word" >&2; exit 2 ;;
  esac
done

# shellcheck source=deploy/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

one_at_a_time
frontend_is_built || need_node # said before the long part, not after it
ensure_python "$EARSHOT_ROOT/deploy/requirements.lock"
ensure_frontend
all_done

exec "$EARSHOT_ROOT/.venv/bin/earshot" run "$@"
