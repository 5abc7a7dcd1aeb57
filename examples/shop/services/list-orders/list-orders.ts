import type { Answer, Call } from "mote/list-orders";

export default function listOrders({ rows, next }: Call): Answer {
  return {
    output: {
      orders: rows.map(({ orderId, status, total, placedAt }) => ({ orderId, status, total, placedAt })),
      next,
    },
  };
}
