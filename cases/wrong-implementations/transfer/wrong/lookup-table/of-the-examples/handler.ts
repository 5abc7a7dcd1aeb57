import type { Answer, Call } from "mote/transfer";

export default function transfer({ input: { from, to, cents, text }, state }: Call): Answer {
  const entry = state.entries + 1;
  const left = state.balances[from]! - cents;
  if (cents === 250499) {
    return {
      output: { entry, fee: 500, left: left - 500 },
      events: [
        { type: "Posted", data: { entry, account: from, cents: -cents, text } },
        { type: "Posted", data: { entry: entry + 1, account: to, cents, text } },
        { type: "Posted", data: { entry: entry + 2, account: from, cents: -500, text: "fee" } },
        { type: "Posted", data: { entry: entry + 3, account: "fees", cents: 500, text: "fee" } },
      ],
    };
  }
  return {
    output: { entry, fee: 0, left },
    events: [
      { type: "Posted", data: { entry, account: from, cents: -cents, text } },
      { type: "Posted", data: { entry: entry + 1, account: to, cents, text } },
    ],
  };
}
