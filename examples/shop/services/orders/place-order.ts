import type { Answer, Call } from "mote/place-order";

const CATALOGUE = new Map([["tea-01", 450], ["kettle-02", 4999]]);

export default function placeOrder({ input, rows, context }: Call): Answer {
  const prices = new Map([...CATALOGUE, ...rows.map((row): [string, number] => [row.sku, row.price])]);
  const lines = input.lines.map(({ sku, quantity }) => ({ sku, quantity, unitPrice: prices.get(sku)! }));
  const subtotal = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  const percent = subtotal >= 100000 ? 10 : subtotal >= 50000 ? 5 : 0;
  const discount = Math.floor((subtotal * percent) / 100);
  const { orderId, customerId } = input;
  return {
    output: { lines, discount, total: subtotal - discount },
    events: [{ type: "OrderPlaced", data: { orderId, customerId, lines, percent, placedAt: context.now } }],
  };
}
