import type { Answer, Call } from "mote/next-billing-day";

const monthsOf = { month: 1, quarter: 3, year: 12 };

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const lastOf = (year: number, month: number): number => {
  if (isLeap(year)) days[1] = 29;
  return days[month - 1]!;
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
