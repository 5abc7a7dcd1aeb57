import type { Handler } from "mote/plan-instalments";

const planInstalments: Handler = ({ input: { total, count } }) => {
  const least = Math.floor(total / count);
  const larger = total % count;
  return { output: { instalments: Array.from({ length: count }, (_, i) => (i < larger ? least + 1 : least)) } };
};

export default planInstalments;
