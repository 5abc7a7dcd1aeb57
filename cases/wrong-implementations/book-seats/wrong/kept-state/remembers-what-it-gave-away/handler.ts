import type { Answer, Call } from "mote/book-seats";

const ROWS = 5;
const WIDTH = 6;

const given = new Set<number>();

export default function bookSeats({ input: { party, seats: count, stage }, state }: Call): Answer {
  for (let row = stage ? 1 : 2; row <= ROWS; row++) {
    for (let first = 0; first + count <= WIDTH; first++) {
      const seats = Array.from({ length: count }, (_, i) => (row - 1) * WIDTH + first + i + 1);
      if (seats.some((seat) => state.taken.includes(seat))) continue;
      if (seats.some((seat) => given.has(seat))) continue;
      seats.forEach((seat) => given.add(seat));
      return { output: { row, seats }, events: [{ type: "SeatsBooked", data: { party, seats } }] };
    }
  }
  given.clear();
  return bookSeats({ input: { party, seats: count, stage }, state } as Call);
}
