import type { Answer, Call } from "mote/announce-order";

export default function announceOrder({ event, meta }: Call): Answer {
  const order = meta.stream;
  switch (event.type) {
    case "OrderPlaced": {
      const { country, postcode, parcels } = event.data;
      const area = `${country}-${postcode.slice(0, 2)}`;
      return {
        messages: parcels.map(({ number, grams, fragile }) => ({
          type: "parcel.wanted.v1",
          data: { order, parcel: number, grams, area, label: fragile ? "fragile" : "parcel" },
        })),
      };
    }
    case "OrderCancelled":
      return {
        messages: [
          { type: "parcel.off.v1", data: { order, late: false } },
          ...(event.data.hours >= 24 ? [{ type: "parcel.off.v1" as const, data: { order, late: true } }] : []),
        ],
      };
    default:
      return { messages: [] };
  }
}
