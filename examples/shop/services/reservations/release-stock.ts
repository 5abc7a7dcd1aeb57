import type { Answer, Call } from "mote/release-stock";

export default function releaseStock({ input: { region, orderId }, state }: Call): Answer {
  const released = state.reserved
    .filter((held) => held.orderId === orderId)
    .map(({ warehouse, sku, quantity }) => ({ warehouse, sku, quantity }));
  return {
    output: { released },
    events: released.map((pick) => ({ type: "StockReleased", data: { region, orderId, ...pick } })),
  };
}
