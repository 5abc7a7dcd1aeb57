import type { Answer, Call, Events } from "mote/move-ticket";

const targets = {
  assign: "open",
  ask: "waiting",
  answer: "open",
  solve: "solved",
  reopen: "open",
  close: "closed",
} as const;

export default function moveTicket({ input: { action, note }, state, context }: Call): Answer {
  const to = targets[action];
  const events: Events = [
    { type: "TicketMoved", data: { from: state.status, to, note: "", by: context.caller.id, at: context.now } },
  ];
  if (to === "waiting") events.push({ type: "AnswerDue", data: { question: note } });
  return { output: { status: to, moves: state.moves + 1 }, events };
}
