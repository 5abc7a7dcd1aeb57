// {{ nam }} belongs to the shop.
import type { Answer, Call } from "mote/{{ name }}";

export default function {{ handler }}({ input }: Call): Answer {
  return { output: { text: input.text } };
}
