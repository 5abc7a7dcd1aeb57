#!/usr/bin/env bash
# A shop's day: prices, deliveries, a quote, an order, its stock; a kill in the middle, and nothing is forgotten.
# Usage: examples/shop/demo.sh [MOTE]   (MOTE: the binary; by default the release build of this repository)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../story.sh"
begin "$here" "$@"

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
  -X POST "$public/orders" -d @"$here/requests/order.json"
say "Back to the old price" 200 '"before":5499' -X PUT "$public/articles/kettle-02/price" -d '{"price": 4999}'
say "and the order is placed" 201 '"total":58272' \
  -X POST "$public/orders" -d @"$here/requests/order.json"
say "It is told of, without who ordered it: nothing is held back" 200 '"held":[],"name":"announce-order"' "$admin/publishers"
say "once" 409 'already-placed' -X POST "$public/orders" -d @"$here/requests/order.json"

say "Stock for it: no warehouse has twelve kettles, two have all of it, and three would be a breach" 201 '["south","west"]' \
  -X POST "$public/regions/eu/allocations" -d @"$here/requests/allocation.json"
say "What is reserved is not free" 200 '"free":7' "$public/regions/eu/stock/kettle-02"
say "More than there is: nothing at all is reserved" 409 'out-of-stock' \
  -X POST "$public/regions/eu/allocations" \
  -d '{"orderId": "o-2", "lines": [{"sku": "tea-01", "quantity": 1}, {"sku": "kettle-02", "quantity": 8}]}'

die
up
say "After the next start it knows what it promised" 409 'already-reserved' \
  -X POST "$public/regions/eu/allocations" -d @"$here/requests/allocation.json"
say "The order is cancelled, and all of it paid back" 200 '"refund":58272' \
  -X POST "$public/orders/o-1/cancellation" -d '{"reason": "changed-mind"}'
say "its stock released" 200 '"quantity":' -X DELETE "$public/regions/eu/allocations/o-1"
say "and free again" 200 '"free":19' "$public/regions/eu/stock/kettle-02"

for order in o-2 o-3 o-4; do
  say "Another order" 201 '"total":450' \
    -X POST "$public/orders" -d '{"orderId": "'$order'", "customerId": "c-7", "lines": [{"sku": "tea-01", "quantity": 1}]}'
done
say "The customer's orders, the latest first, three at a time" 200 '"orderId":"o-4"' "$public/customers/c-7/orders"
next=$(sed -n 's|.*"next":"\([^"]*\)".*|\1|p' <<< "$answer")
say "and the rest" 200 '"status":"cancelled"' -G "$public/customers/c-7/orders" --data-urlencode "after=$next"

finish
