import type { Answer, Call } from "mote/split-bill";

export default function splitBill({ input }: Call): Answer {
  const share = Math.floor(input.cents / input.people);
  const rest = input.cents % input.people;
  // The cents that do not divide go to the first people, one each.
  const shares = Array.from({ length: input.people }, (_, person) => (person < rest ? share + 1 : share));
  return { output: { shares } };
}
