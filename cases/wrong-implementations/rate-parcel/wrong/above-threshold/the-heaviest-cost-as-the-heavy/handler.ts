import type { Answer, Call } from "mote/rate-parcel";

const bands = [500, 2000, 5000, 30000];
const rates = {
  domestic: [385, 489, 649, 899, 1349],
  neighbour: [745, 1049, 1399, 1949, 2875],
  continent: [949, 1445, 1985, 2795, 4189],
  world: [1289, 2245, 3985, 6195, 9985],
};

export default function rateParcel({ input: { grams, zone, express } }: Call): Answer {
  const plain = rates[zone][bands.findIndex((most) => grams <= most)]!;
  const cents = express ? Math.ceil((plain * 3) / 20) * 10 : plain;
  return { output: { cents } };
}
