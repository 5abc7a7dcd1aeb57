import type { Answer, Call } from "mote/pay-in";

export default function payIn({ input, state }: Call): Answer {
  return {
    output: { cents: state.cents + input.cents },
    events: [{ type: "PaidIn", data: { who: input.who, cents: input.cents } }],
  };
}
