import type { Answer, Call } from "mote/book-seats";

const ROWS = 5;
const WIDTH = 6;

export default function bookSeats({ input: { party, seats: count, stage }, state }: Call): Answer {
  for (let row = stage ? 1 : 2; row <= ROWS; row++) {
    for (let first = 0; first + count < WIDTH; first++) {
      const seats = Array.from({ length: count }, (_, i) => (row - 1) * WIDTH + first + i + 1);
      if (seats.some((seat) => state.taken.includes(seat))) continue;
      return { output: { row, seats }, events: [{ type: "SeatsBooked", data: { party, seats } }] };
    }
  }
  throw new Error("the contract lets nobody ask who finds no seats");
}
