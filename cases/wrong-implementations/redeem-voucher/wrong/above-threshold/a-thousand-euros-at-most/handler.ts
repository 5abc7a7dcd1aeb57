import type { Answer, Call, Events } from "mote/redeem-voucher";

export default function redeemVoucher({ input: { total }, state, context }: Call): Answer {
  const most = Math.min(state.cents, total, 100_000);
  const redeemed = most - (most % 100);
  const rest = state.cents - redeemed;
  const events: Events = [
    { type: "VoucherRedeemed", data: { cents: redeemed, by: context.caller.id, at: context.now } },
  ];
  if (rest < 100) events.push({ type: "VoucherUsedUp", data: { lost: rest } });
  return { output: { redeemed, rest, toPay: total - redeemed }, events };
}
