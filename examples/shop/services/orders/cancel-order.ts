import type { Handler } from "mote/cancel-order";

const cancelOrder: Handler = ({ input: { orderId, reason }, state, context }) => ({
  output: { refund: state.total },
  events: [{ type: "OrderCancelled", data: { orderId, reason, cancelledAt: context.now } }],
});

export default cancelOrder;
