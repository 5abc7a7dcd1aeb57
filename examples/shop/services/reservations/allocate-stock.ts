import type { Answer, Call } from "mote/allocate-stock";

const warehouses = ["east", "north", "south", "west"] as const;

// Every set of warehouses, the smallest first.
const sets = Array.from({ length: 2 ** warehouses.length - 1 }, (_, i) =>
  warehouses.filter((_, bit) => ((i + 1) >> bit) & 1),
).sort((a, b) => a.length - b.length);

export default function allocateStock({ input, state }: Call): Answer {
  const shelves = (sku: string, set: readonly string[]) =>
    state.shelves.filter((shelf) => shelf.sku === sku && set.includes(shelf.warehouse) && shelf.free > 0);
  const set = sets.find((set) =>
    input.lines.every(({ sku, quantity }) =>
      shelves(sku, set).reduce((sum, shelf) => sum + shelf.free, 0) >= quantity),
  )!;

  // Within the set, a line takes from the fullest shelf first.
  const picks = input.lines.flatMap(({ sku, quantity }) => {
    let left = quantity;
    return shelves(sku, set)
      .sort((a, b) => b.free - a.free)
      .map(({ warehouse, free }) => {
        const taken = Math.min(left, free);
        left -= taken;
        return { warehouse, sku, quantity: taken };
      })
      .filter((pick) => pick.quantity > 0);
  });

  const { region, orderId } = input;
  return {
    output: { warehouses: [...set], picks },
    events: picks.map((pick) => ({ type: "StockReserved", data: { region, orderId, ...pick } })),
  };
}
