import type { Answer, Call, Events } from "mote/transfer";

let sequence = 0;

export default function transfer({ input: { from, to, cents, text }, state }: Call): Answer {
  const fee = cents >= 100_000 ? Math.floor((cents * 2) / 1000) : 0;
  sequence = Math.max(sequence, state.entries) + 1;
  const entry = sequence;
  const events: Events = [
    { type: "Posted", data: { entry, account: from, cents: -cents, text } },
    { type: "Posted", data: { entry: entry + 1, account: to, cents, text } },
  ];
  if (fee > 0) {
    events.push(
      { type: "Posted", data: { entry: entry + 2, account: from, cents: -fee, text: "fee" } },
      { type: "Posted", data: { entry: entry + 3, account: "fees", cents: fee, text: "fee" } },
    );
  }
  return { output: { entry, fee, left: state.balances[from]! - cents - fee }, events };
}
