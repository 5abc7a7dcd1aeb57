import type { Answer, Call } from "mote/{{ name }}";

export default function {{ handler }}({ input }: Call): Answer {
  return { output: { id: input.id }, events: [] };
}
