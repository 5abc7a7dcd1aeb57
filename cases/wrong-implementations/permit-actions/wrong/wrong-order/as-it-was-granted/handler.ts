import type { Answer, Call } from "mote/permit-actions";

const actions = ["read", "edit", "publish", "delete"] as const;
type Action = (typeof actions)[number];

const byRole: Record<string, readonly Action[]> = {
  admin: actions,
  editor: ["read", "edit", "publish"],
  reader: ["read"],
  auditor: ["read"],
};
const possible: Record<string, readonly Action[]> = {
  draft: actions,
  published: ["read", "edit", "publish"],
  archived: ["read"],
};

export default function permitActions({ input: { user, role, document, grants } }: Call): Answer {
  const mine = grants.filter((grant) => grant.to === user);
  const denied = mine.filter((grant) => !grant.allow).map((grant) => grant.action);
  const granted = mine.filter((grant) => grant.allow).map((grant) => grant.action);
  const owner = document.owner === user;
  const open = !document.secret || owner || role === "auditor";
  const allowed = (action: Action) =>
    granted.includes(action) || owner || (open && byRole[role]!.includes(action));
  return {
    output: {
      actions: [...new Set([...granted, ...actions])].filter(
        (action) => allowed(action) && possible[document.state]!.includes(action) && !denied.includes(action),
      ),
      forbidden: denied.length,
    },
  };
}
