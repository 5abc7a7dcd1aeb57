import type { Handler } from "mote/release-stock";

const releaseStock: Handler = ({ input: { region, orderId }, state }) => {
  const released = state.reserved
    .filter((held) => held.orderId === orderId)
    .map(({ warehouse, sku, quantity }) => ({ warehouse, sku, quantity }));
  return {
    output: { released },
    events: released.map((pick) => ({ type: "StockReleased", data: { region, orderId, ...pick } })),
  };
};

export default releaseStock;
