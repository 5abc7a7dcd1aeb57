#!/usr/bin/env bash
# A shop's day: prices, deliveries, a quote, an order, its stock; a kill in the middle, and nothing is forgotten.
# Usage: examples/shop/demo.sh [MOTE]   (MOTE: the binary; by default the release build of this repository)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mote=$(realpath "${1:-$here/../../target/release/mote}")
work=$(mktemp -d)
trap 'kill -9 "${pid:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT
cp -r "$here" "$work/shop"
rm -rf "$work/shop/.mote"

up() {
  : > "$work/up.log"
  # Port 0 takes free ports; the first line that names them says that the system serves.
  "$mote" up "$work/shop" --listen 127.0.0.1:0 --admin 127.0.0.1:0 2> "$work/up.log" &
  pid=$!
  for _ in $(seq 3000); do
    public=$(sed -n 's|.*serving.* on http://\([0-9.:]*\),.*|\1|p' "$work/up.log")
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

up
cat "$work/up.log"

say "The price list is made by those who may" 200 '"before":null' \
  -X PUT "$public/articles/tea-01/price" -d '{"price": 450}'
say "A kettle costs 49.99" 200 '"before":null' -X PUT "$public/articles/kettle-02/price" -d '{"price": 4999}'
say "A delivery for the north" 201 '"free":20' \
  -X POST "$public/regions/eu/deliveries" -d '{"warehouse": "north", "sku": "tea-01", "quantity": 20}'
say "Kettles for the south" 201 '"free":10' \
  -X POST "$public/regions/eu/deliveries" -d '{"warehouse": "south", "sku": "kettle-02", "quantity": 10}'
say "and for the west, with tea" 201 '"free":9' \
  -X POST "$public/regions/eu/deliveries" -d '{"warehouse": "west", "sku": "kettle-02", "quantity": 9}'
say "the west now has some of both" 201 '"free":3' \
  -X POST "$public/regions/eu/deliveries" -d '{"warehouse": "west", "sku": "tea-01", "quantity": 3}'

say "A quote: 5 % off from 500.00, rounded down to the cent" 200 '"total":58272' \
  -X POST "$public/quotes" -d @"$here/requests/quote.json"
say "in three instalments, to the cent" 200 '[19424,19424,19424]' \
  -X POST "$public/instalment-plans" -d '{"total": 58272, "count": 3}'
say "Kettles become dearer" 200 '"before":4999' -X PUT "$public/articles/kettle-02/price" -d '{"price": 5499}'
say "An order at the old quote is refused: prices are not the customer's to say" 409 'price-changed' \
  -X POST "$public/customers/c-7/orders" -d @"$here/requests/order.json"
say "Back to the old price" 200 '"before":5499' -X PUT "$public/articles/kettle-02/price" -d '{"price": 4999}'
say "and the order is placed" 201 '"total":58272' \
  -X POST "$public/customers/c-7/orders" -d @"$here/requests/order.json"
say "once" 409 'already-placed' -X POST "$public/customers/c-7/orders" -d @"$here/requests/order.json"

say "Stock for it: no warehouse has twelve kettles, two have all of it, and three would be a breach" 201 '["south","west"]' \
  -X POST "$public/regions/eu/allocations" -d @"$here/requests/allocation.json"
say "What is reserved is not free" 200 '"free":7' "$public/regions/eu/stock/kettle-02"
say "More than there is: nothing at all is reserved" 409 'out-of-stock' \
  -X POST "$public/regions/eu/allocations" \
  -d '{"orderId": "o-2", "lines": [{"sku": "tea-01", "quantity": 1}, {"sku": "kettle-02", "quantity": 8}]}'

printf '\n# kill -9\n'
kill -9 "$pid"; wait "$pid" 2>/dev/null || true
up
say "After the next start it knows what it promised" 409 'already-reserved' \
  -X POST "$public/regions/eu/allocations" -d @"$here/requests/allocation.json"
say "The order is cancelled, and all of it paid back" 200 '"refund":58272' \
  -X POST "$public/orders/o-1/cancellation" -d '{"reason": "changed-mind"}'
say "its stock released" 200 '"quantity":' -X DELETE "$public/regions/eu/allocations/o-1"
say "and free again" 200 '"free":19' "$public/regions/eu/stock/kettle-02"

for order in o-2 o-3 o-4; do
  say "Another order" 201 '"total":450' \
    -X POST "$public/customers/c-7/orders" -d '{"orderId": "'$order'", "lines": [{"sku": "tea-01", "quantity": 1}]}'
done
say "The customer's orders, the latest first, three at a time" 200 '"orderId":"o-4"' "$public/customers/c-7/orders"
next=$(sed -n 's|.*"next":"\([^"]*\)".*|\1|p' <<< "$answer")
say "and the rest" 200 '"status":"cancelled"' -G "$public/customers/c-7/orders" --data-urlencode "after=$next"

printf '\n# Ctrl-C\n'
kill -INT "$pid"
wait "$pid"
printf 'it ended by itself\n'
