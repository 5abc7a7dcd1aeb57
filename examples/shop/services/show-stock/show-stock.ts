import type { Handler } from "mote/show-stock";

const showStock: Handler = ({ rows }) => {
  const shelves = rows.map(({ warehouse, onHand, free }) => ({ warehouse, onHand, free }));
  return {
    output: {
      onHand: shelves.reduce((sum, shelf) => sum + shelf.onHand, 0),
      free: shelves.reduce((sum, shelf) => sum + shelf.free, 0),
      shelves,
    },
  };
};

export default showStock;
