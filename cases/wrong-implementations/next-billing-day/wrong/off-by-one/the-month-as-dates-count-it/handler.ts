import type { Answer, Call } from "mote/next-billing-day";

const monthsOf = { month: 1, quarter: 3, year: 12 };

export default function nextBillingDay({ input }: Call): Answer {
  let year = Math.floor(input.billed / 10000);
  let month = (Math.floor(input.billed / 100) % 100) + monthsOf[input.every];
  if (month > 12) {
    month -= 12;
    year += 1;
  }
  const day = Math.min(input.day, new Date(Date.UTC(year, month - 1, 0)).getUTCDate());
  return { output: { next: year * 10000 + month * 100 + day } };
}
