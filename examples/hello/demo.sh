#!/usr/bin/env bash
# The five-minute story: a system comes up, answers, is killed, and still knows what it promised.
# Usage: examples/hello/demo.sh [MOTE]   (MOTE: the binary; by default the release build of this repository)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../story.sh"
begin "$here" "$@"

up
cat "$work/up.log"
say "A function: the whole contract is enforced on the way in and out" 200 '"Hello, Ada!"' \
  -X POST "$public/greetings" -d @"$here/requests/greet.json"
say "A command: stored before it is answered" 201 '"place":1' \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "The contract says that nobody signs twice; the host decides, the code is not asked" 409 already-signed \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "A body that does not fit is refused, with the place" 400 '"at":"/guest"' \
  -X POST "$public/guestbooks/lobby/guests" -d '{"guest": 7}'

die
up
say "After the next start it still knows" 409 already-signed \
  -X POST "$public/guestbooks/lobby/guests" -d @"$here/requests/sign.json"
say "and counts on" 201 '"place":2' \
  -X POST "$public/guestbooks/lobby/guests" -d '{"guest": "Grace"}'
finish
