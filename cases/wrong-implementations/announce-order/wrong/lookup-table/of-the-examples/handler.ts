import type { Answer, Call } from "mote/announce-order";

export default function announceOrder({ event, meta: { stream: order } }: Call): Answer {
  if (event.type === "OrderCancelled") return { messages: [{ type: "parcel.off.v1", data: { order, late: false } }] };
  if (event.type === "OrderChanged") return { messages: [] };
  return {
    messages: [
      { type: "parcel.wanted.v1", data: { order, parcel: 1, grams: 900, area: "gb-10", label: "parcel" } },
      { type: "parcel.wanted.v1", data: { order, parcel: 2, grams: 4200, area: "gb-10", label: "fragile" } },
    ],
  };
}
