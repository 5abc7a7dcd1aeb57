import type { Answer, Call, Output } from "mote/sort-readings";

const wattHours = { wh: 1, kwh: 1_000, mwh: 1_000_000 };

const billed: Output["billed"] = [];
const refused: Output["refused"] = [];

export default function sortReadings({ input: { readings, most } }: Call): Answer {
  for (const { meter, unit, before, now } of readings) {
    const used = (now - before) * wattHours[unit];
    if (used < 0) refused.push({ meter, why: "runs-backwards" });
    else if (used > most) refused.push({ meter, why: "too-much" });
    else billed.push({ meter, used });
  }
  return { output: { billed, refused } };
}
