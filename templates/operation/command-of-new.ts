import type { Answer, Call } from "mote/{{ name }}";

export default function {{ handler }}({ input, state }: Call): Answer {
  return {
    output: { count: state.notes.length + 1 },
    events: [{ type: "{{ event }}", data: { note: input.note } }],
  };
}
