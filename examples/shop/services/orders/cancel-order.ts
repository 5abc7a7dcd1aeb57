import type { Answer, Call } from "mote/cancel-order";

export default function cancelOrder({ input: { orderId, reason }, state, context }: Call): Answer {
  return {
    output: { refund: state.total },
    events: [{ type: "OrderCancelled", data: { orderId, reason, cancelledAt: context.now } }],
  };
}
