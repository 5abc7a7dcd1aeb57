import type { Answer, Call, Output } from "mote/sort-readings";

const wattHours = { wh: 1, kwh: 1_000, mwh: 1_000_000 };

export default function sortReadings({ input: { readings, most } }: Call): Answer {
  const billed: Output["billed"] = [];
  const refused: Output["refused"] = [];
  for (const { meter, unit, before, now } of readings) {
    const used = (now - before) * wattHours[unit];
    if (used < 0) refused.push({ meter, why: "runs-backwards" });
    else if (used <= most) billed.push({ meter, used });
  }
  return { output: { billed, refused } };
}
