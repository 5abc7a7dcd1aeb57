import type { Answer, Call } from "mote/share-payout";

export default function sharePayout({ input: { cents, partners } }: Call): Answer {
  const stakes = partners.reduce((sum, partner) => sum + partner.stake, 0);
  const payouts = partners.map(({ name }) => ({ name, cents: 0 }));
  // Each cent goes to whoever is furthest behind.
  for (let cent = 1; cent <= cents; cent++) {
    const behind = partners.map(({ stake }, i) => (cent * stake) / stakes - payouts[i]!.cents);
    payouts[behind.indexOf(Math.max(...behind))]!.cents += 1;
  }
  return { output: { payouts } };
}
