import type { Answer, Call } from "mote/share-payout";

export default function sharePayout({ input: { cents, partners } }: Call): Answer {
  const stakes = partners.reduce((sum, partner) => sum + partner.stake, 0);
  return {
    output: {
      payouts: partners.map(({ name, stake }) => ({ name, cents: Math.round((cents * stake) / stakes) })),
    },
  };
}
