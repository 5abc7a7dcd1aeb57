import type { Answer, Call } from "mote/next-billing-day";

const monthsOf = { month: 1, quarter: 3, year: 12 };

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lastOf = (year: number, month: number): number => {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9].includes(month) ? 30 : 31;
};

export default function nextBillingDay({ input }: Call): Answer {
  let year = Math.floor(input.billed / 10000);
  let month = (Math.floor(input.billed / 100) % 100) + monthsOf[input.every];
  if (month > 12) {
    month -= 12;
    year += 1;
  }
  const day = Math.min(input.day, lastOf(year, month));
  return { output: { next: year * 10000 + month * 100 + day } };
}
