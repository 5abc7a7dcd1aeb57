import type { Answer, Call } from "mote/book-seats";

export default function bookSeats({ input: { party, seats: count, stage }, state }: Call): Answer {
  const free = Array.from({ length: 30 }, (_, i) => i + 1).filter(
    (seat) => !state.taken.includes(seat) && (stage || seat > 6),
  );
  const sets: number[][] = [];
  const choose = (from: number, chosen: number[]): void => {
    if (chosen.length === count) sets.push(chosen);
    else for (let i = from; i < free.length; i++) choose(i + 1, [...chosen, free[i]!]);
  };
  choose(0, []);
  const rowOf = (seat: number) => Math.ceil(seat / 6);
  const seats = sets.find(
    (set) => set.at(-1)! - set[0]! === count - 1 && rowOf(set[0]!) === rowOf(set.at(-1)!),
  )!;
  return { output: { row: rowOf(seats[0]!), seats }, events: [{ type: "SeatsBooked", data: { party, seats } }] };
}
