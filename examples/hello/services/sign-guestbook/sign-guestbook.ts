import type { Answer, Call } from "mote/sign-guestbook";

export default function signGuestbook({ input, state, context }: Call): Answer {
  return {
    output: { place: state.guests.length + 1, thanks: `Thank you, ${input.guest}!` },
    events: [{ type: "GuestSigned", data: { guest: input.guest, message: input.message, at: context.now } }],
  };
}
