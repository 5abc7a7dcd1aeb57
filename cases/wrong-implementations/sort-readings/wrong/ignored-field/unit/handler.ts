import type { Answer, Call, Output } from "mote/sort-readings";

export default function sortReadings({ input: { readings, most } }: Call): Answer {
  const billed: Output["billed"] = [];
  const refused: Output["refused"] = [];
  for (const { meter, before, now } of readings) {
    const used = (now - before) * 1_000;
    if (used < 0) refused.push({ meter, why: "runs-backwards" });
    else if (used > most) refused.push({ meter, why: "too-much" });
    else billed.push({ meter, used });
  }
  return { output: { billed, refused } };
}
