import type { Handler } from "mote/set-price";

const setPrice: Handler = ({ input, state }) => ({
  output: { before: state.price === 0 ? null : state.price },
  events: [{ type: "PriceSet", data: { sku: input.sku, price: input.price } }],
});

export default setPrice;
