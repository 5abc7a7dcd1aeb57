import type { Handler } from "mote/list-orders";

const listOrders: Handler = ({ rows, next }) => ({
  output: {
    orders: rows.map(({ orderId, status, total, placedAt }) => ({ orderId, status, total, placedAt })),
    next,
  },
});

export default listOrders;
