import type { Handler } from "mote/sign-guestbook";

const signGuestbook: Handler = ({ input, state, context }) => ({
  output: { place: state.guests.length + 1, thanks: `Thank you, ${input.guest}!` },
  events: [{ type: "GuestSigned", data: { guest: input.guest, message: input.message, at: context.now } }],
});

export default signGuestbook;
