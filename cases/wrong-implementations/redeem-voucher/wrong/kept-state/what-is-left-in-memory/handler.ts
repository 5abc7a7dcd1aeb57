import type { Answer, Call, Events } from "mote/redeem-voucher";

let left: number | undefined;

export default function redeemVoucher({ input: { total }, state, context }: Call): Answer {
  const most = Math.min(left ?? state.cents, state.cents, total);
  const redeemed = most - (most % 100);
  const rest = state.cents - redeemed;
  left = rest >= 100 ? rest : undefined;
  const events: Events = [
    { type: "VoucherRedeemed", data: { cents: redeemed, by: context.caller.id, at: context.now } },
  ];
  if (rest < 100) events.push({ type: "VoucherUsedUp", data: { lost: rest } });
  return { output: { redeemed, rest, toPay: total - redeemed }, events };
}
