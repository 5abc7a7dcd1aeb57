import type { Answer, Call } from "mote/set-price";

export default function setPrice({ input, state }: Call): Answer {
  return {
    output: { before: state.price === 0 ? null : state.price },
    events: [{ type: "PriceSet", data: { sku: input.sku, price: input.price } }],
  };
}
