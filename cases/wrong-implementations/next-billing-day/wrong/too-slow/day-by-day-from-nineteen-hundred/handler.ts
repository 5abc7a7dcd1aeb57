import type { Answer, Call } from "mote/next-billing-day";

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const lastOf = (year: number, month: number): number => {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

export default function nextBillingDay({ input }: Call): Answer {
  let months = { month: 1, quarter: 3, year: 12 }[input.every];
  let [year, month, day] = [1900, 1, 1];
  for (let passed = false; !passed || months > 0 || day !== Math.min(input.day, lastOf(year, month)); ) {
    passed ||= year * 10000 + month * 100 + day === input.billed;
    day += 1;
    if (day <= lastOf(year, month)) continue;
    day = 1;
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
    if (passed) months -= 1;
  }
  return { output: { next: year * 10000 + month * 100 + day } };
}
