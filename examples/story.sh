# What the demos share; each `demo.sh` sources it. Not run by itself.
# Usage: . ../story.sh, then: begin HERE [MOTE]; up; say …; die; finish

# begin HERE [MOTE]: work on a copy of the system in HERE, with this binary or the release build.
begin() {
  system=$(basename "$1")
  mote=$(realpath "${2:-$1/../../target/release/mote}")
  work=$(mktemp -d)
  trap 'kill -9 "${pid:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
  cp -r "$1" "$work/$system"
  rm -rf "$work/$system/.mote"
}

# up: start the system and wait until it serves; `$public` and `$admin` are its addresses.
up() {
  : > "$work/up.log"
  # Port 0 takes free ports; the line that names them says that the system serves.
  "$mote" up "$work/$system" --listen 127.0.0.1:0 --admin 127.0.0.1:0 2> "$work/up.log" &
  pid=$!
  for _ in $(seq 3000); do
    public=$(sed -n 's|.*serving.* on http://\([0-9.:]*\),.*|\1|p' "$work/up.log")
    admin=$(sed -n 's|.*admin on http://\([0-9.:]*\).*|\1|p' "$work/up.log")
    [ -n "$public" ] && return
    kill -0 "$pid" 2>/dev/null || { cat "$work/up.log"; echo "it did not come up" >&2; exit 1; }
    sleep 0.1
  done
  cat "$work/up.log"; echo "it did not come up in time" >&2; exit 1
}

# say WHAT EXPECTED-STATUS EXPECTED-TEXT CURL-ARGUMENTS…: the answer has the status, and the text in it.
# Each call asks to see what the answers before it told of.
say() {
  local what=$1 expected=$2 text=$3; shift 3
  printf '\n# %s\n' "$what"
  answer=$(curl -sS -D "$work/head" -H "mote-after: ${seen:-}" -w '\n%{http_code}' "$@")
  local status=${answer##*$'\n'}
  answer=${answer%$'\n'*}
  printf '%s  (%s)\n' "$answer" "$status"
  [ "$status" = "$expected" ] || { echo "expected $expected" >&2; exit 1; }
  [[ $answer == *"$text"* ]] || { echo "expected $text" >&2; exit 1; }
  local position; position=$(sed -n 's|^mote-position: *\([^[:space:]]*\).*|\1|Ip' "$work/head")
  seen=${position:-${seen:-}}
}

# die: end the system as a power cut would.
die() {
  printf '\n# kill -9\n'
  kill -9 "$pid"; wait "$pid" 2>/dev/null || true
}

# finish: end the system as a person would.
finish() {
  printf '\n# Ctrl-C\n'
  kill -INT "$pid"
  wait "$pid"
  printf 'it ended by itself\n'
}
