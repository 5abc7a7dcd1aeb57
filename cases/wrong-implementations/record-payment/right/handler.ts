import type { Answer, Call, Events } from "mote/record-payment";

export default function recordPayment({ input: { payment, cents }, state, context }: Call): Answer {
  if (state.payments.some((known) => known.payment === payment)) {
    return { output: { open: state.open, settled: state.open === 0 }, events: [] };
  }
  const open = state.open - cents;
  const events: Events = [{ type: "PaymentRecorded", data: { payment, cents } }];
  if (open === 0) events.push({ type: "InvoiceSettled", data: { at: context.now } });
  return { output: { open, settled: open === 0 }, events };
}
