import type { Answer, Call } from "mote/restock";

export default function restock({ input, state }: Call): Answer {
  const shelf = state.shelves.find((s) => s.warehouse === input.warehouse && s.sku === input.sku);
  const { region, warehouse, sku, quantity } = input;
  return {
    output: { onHand: (shelf?.onHand ?? 0) + quantity, free: (shelf?.free ?? 0) + quantity },
    events: [{ type: "StockReceived", data: { region, warehouse, sku, quantity } }],
  };
}
