import type { Answer, Call } from "mote/share-payout";

export default function sharePayout({ input: { cents, partners } }: Call): Answer {
  const stakes = BigInt(partners.reduce((sum, partner) => sum + partner.stake, 0));
  const shares = partners.map(({ name, stake }) => {
    const exact = BigInt(cents) * BigInt(stake);
    return { name, cents: Number(exact / stakes), rest: Number(exact % stakes) };
  });
  const odd = cents - shares.reduce((sum, share) => sum + share.cents, 0);
  return {
    output: {
      payouts: shares.map((share, i) => ({
        name: share.name,
        cents: share.cents + (i === 0 ? odd : 0),
      })),
    },
  };
}
