import type { Answer, Call } from "mote/show-stock";

export default function showStock({ rows }: Call): Answer {
  const shelves = rows.map(({ warehouse, onHand, free }) => ({ warehouse, onHand, free }));
  return {
    output: {
      onHand: shelves.reduce((sum, shelf) => sum + shelf.onHand, 0),
      free: shelves.reduce((sum, shelf) => sum + shelf.free, 0),
      shelves,
    },
  };
}
