#!/usr/bin/env bash
# The five-minute story: a system comes up, answers, is killed, and still knows what it promised.
# Usage: examples/hello/demo.sh [MOTE]   (MOTE: the binary; by default the release build of this repository)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mote=$(realpath "${1:-$here/../../target/release/mote}")
work=$(mktemp -d)
trap 'kill -9 "${pid:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
cp -r "$here" "$work/hello"
rm -rf "$work/hello/.mote"

up() {
  : > "$work/up.log"
  # Port 0 takes free ports; the first line that names them says that the system serves.
  "$mote" up "$work/hello" --listen 127.0.0.1:0 --admin 127.0.0.1:0 2> "$work/up.log" &
  pid=$!
  for _ in $(seq 1200); do
    public=$(sed -n 's|.*serving.* on http://\([0-9.:]*\),.*|\1|p' "$work/up.log")
    [ -n "$public" ] && return
    kill -0 "$pid" 2>/dev/null || { cat "$work/up.log"; echo "it did not come up" >&2; exit 1; }
    sleep 0.1
  done
  cat "$work/up.log"; echo "it did not come up in time" >&2; exit 1
}

# say WHAT EXPECTED-STATUS CURL-ARGUMENTS…
say() {
  local what=$1 expected=$2; shift 2
  printf '\n# %s\n' "$what"
  local answer; answer=$(curl -sS -w '\n%{http_code}' "$@")
  local status=${answer##*$'\n'}
  printf '%s  (%s)\n' "${answer%$'\n'*}" "$status"
  [ "$status" = "$expected" ] || { echo "expected $expected" >&2; exit 1; }
}

up
cat "$work/up.log"
say "A function: the whole contract is enforced on the way in and out" 200 \
  -X POST "$public/greetings" -d @"$here/requests/greet.json"
say "A command: stored before it is answered" 201 \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "The contract says that nobody signs twice; the host decides, the code is not asked" 409 \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "A body that does not fit is refused, with the place" 400 \
  -X POST "$public/guestbooks/lobby/guests" -d '{"guest": 7}'

printf '\n# kill -9\n'
kill -9 "$pid"; wait "$pid" 2>/dev/null || true
up
say "After the next start it still knows" 409 \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "and counts on" 201 \
  -X POST "$public/guestbooks/lobby/guests" -d '{"guest": "Grace"}'

printf '\n# Ctrl-C\n'
kill -INT "$pid"
wait "$pid"
printf 'it ended by itself\n'
