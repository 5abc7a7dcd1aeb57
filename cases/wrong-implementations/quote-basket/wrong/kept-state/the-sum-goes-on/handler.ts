import type { Answer, Call, Input } from "mote/quote-basket";

const percentOf = (customer: Input["customer"], subtotal: number): number => {
  if (customer === "staff") return 20;
  return customer === "member" && subtotal >= 5000 ? 5 : 0;
};

let subtotal = 0;

export default function quoteBasket({ input: { customer, lines } }: Call): Answer {
  for (const line of lines) subtotal += line.cents * line.pieces;
  const discount = Math.floor((subtotal * percentOf(customer, subtotal)) / 100);
  const shipping = subtotal - discount >= 4900 ? 0 : 490;
  return { output: { subtotal, discount, shipping, total: subtotal - discount + shipping } };
}
