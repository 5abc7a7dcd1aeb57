import type { Answer, Call } from "mote/next-billing-day";

export default function nextBillingDay({ input }: Call): Answer {
  const date = new Date(Date.UTC(Math.floor(input.billed / 10000), (Math.floor(input.billed / 100) % 100) - 1, 1));
  date.setUTCMonth(date.getUTCMonth() + { month: 1, quarter: 3, year: 12 }[input.every]);
  date.setUTCDate(input.day);
  const next = date.toISOString().slice(0, 10).replaceAll("-", "");
  return { output: { next: Number(next) } };
}
