import type { Handler } from "mote/restock";

const restock: Handler = ({ input, state }) => {
  const shelf = state.shelves.find((s) => s.warehouse === input.warehouse && s.sku === input.sku);
  const { region, warehouse, sku, quantity } = input;
  return {
    output: { onHand: (shelf?.onHand ?? 0) + quantity, free: (shelf?.free ?? 0) + quantity },
    events: [{ type: "StockReceived", data: { region, warehouse, sku, quantity } }],
  };
};

export default restock;
