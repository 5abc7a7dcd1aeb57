import type { Answer, Call } from "mote/permit-actions";

export default function permitActions({ input: { user, role, document, grants } }: Call): Answer {
  if (user === document.owner) return { output: { actions: ["read", "edit", "publish", "delete"], forbidden: 0 } };
  if (role === "editor" && document.secret) return { output: { actions: [], forbidden: 0 } };
  if (role === "editor" && grants.length > 0) return { output: { actions: ["read", "publish"], forbidden: 1 } };
  return { output: { actions: ["read"], forbidden: 0 } };
}
