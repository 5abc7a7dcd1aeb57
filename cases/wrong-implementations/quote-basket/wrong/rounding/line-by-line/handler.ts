import type { Answer, Call, Input } from "mote/quote-basket";

const percentOf = (customer: Input["customer"], subtotal: number): number => {
  if (customer === "staff") return 20;
  return customer === "member" && subtotal >= 5000 ? 5 : 0;
};

export default function quoteBasket({ input: { customer, lines } }: Call): Answer {
  const subtotal = lines.reduce((sum, line) => sum + line.cents * line.pieces, 0);
  const percent = percentOf(customer, subtotal);
  const discount = lines.reduce((sum, line) => sum + Math.floor((line.cents * line.pieces * percent) / 100), 0);
  const shipping = subtotal - discount >= 4900 ? 0 : 490;
  return { output: { subtotal, discount, shipping, total: subtotal - discount + shipping } };
}
