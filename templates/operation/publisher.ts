import type { Answer, Call } from "mote/{{ name }}";

export default function {{ handler }}({ event, meta }: Call): Answer {
  return {
    messages: [{ type: "{{ name }}.v1", data: { what: event.type, stream: meta.stream, at: meta.time } }],
  };
}
