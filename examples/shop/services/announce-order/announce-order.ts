import type { Answer, Call } from "mote/announce-order";

export default function announceOrder({ event }: Call): Answer {
  const { orderId } = event.data;
  if (event.type === "OrderCancelled") {
    return { messages: [{ type: "order.cancelled.v1", data: { orderId, at: event.data.cancelledAt } }] };
  }
  const { percent, placedAt } = event.data;
  const subtotal = event.data.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  const lines = event.data.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const total = subtotal - Math.floor((subtotal * percent) / 100);
  return { messages: [{ type: "order.placed.v1", data: { orderId, lines, total, at: placedAt } }] };
}
