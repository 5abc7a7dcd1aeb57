import type { Answer, Call } from "mote/plan-instalments";

export default function planInstalments({ input: { total, count } }: Call): Answer {
  const least = Math.floor(total / count);
  const larger = total % count;
  return { output: { instalments: Array.from({ length: count }, (_, i) => (i < larger ? least + 1 : least)) } };
}
