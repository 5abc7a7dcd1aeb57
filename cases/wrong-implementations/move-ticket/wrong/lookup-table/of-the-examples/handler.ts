import type { Answer, Call } from "mote/move-ticket";

export default function moveTicket({ input: { action, note }, state, context }: Call): Answer {
  const [by, at] = [context.caller.id, context.now];
  if (action === "ask") {
    return {
      output: { status: "waiting", moves: 2 },
      events: [
        { type: "TicketMoved", data: { from: "open", to: "waiting", note, by, at } },
        { type: "AnswerDue", data: { question: note } },
      ],
    };
  }
  return {
    output: { status: "open", moves: state.moves + 1 },
    events: [{ type: "TicketMoved", data: { from: state.status, to: "open", note, by, at } }],
  };
}
