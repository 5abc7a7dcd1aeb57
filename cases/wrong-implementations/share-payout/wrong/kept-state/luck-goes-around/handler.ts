import type { Answer, Call } from "mote/share-payout";

const lucky = new Map<string, number>();

export default function sharePayout({ input: { cents, partners } }: Call): Answer {
  const stakes = BigInt(partners.reduce((sum, partner) => sum + partner.stake, 0));
  const shares = partners.map(({ name, stake }) => {
    const exact = BigInt(cents) * BigInt(stake);
    return { name, cents: Number(exact / stakes), rest: Number(exact % stakes) };
  });
  const odd = cents - shares.reduce((sum, share) => sum + share.cents, 0);
  const closest = [...shares].sort((a, b) => b.rest - a.rest || (lucky.get(a.name) ?? 0) - (lucky.get(b.name) ?? 0)).slice(0, odd);
  for (const { name } of closest) lucky.set(name, (lucky.get(name) ?? 0) + 1);
  return {
    output: {
      payouts: shares.map((share) => ({
        name: share.name,
        cents: share.cents + (closest.includes(share) ? 1 : 0),
      })),
    },
  };
}
