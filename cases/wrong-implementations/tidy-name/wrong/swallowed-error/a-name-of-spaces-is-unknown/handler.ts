import type { Answer, Call } from "mote/tidy-name";

const lower = (word: string): string => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export default function tidyName({ input }: Call): Answer {
  const words = input.name.split(" ").filter((word) => word !== "");
  const name = words.join(" ") || "unknown";
  const characters = [...name];
  const short = characters.length <= 16 ? name : characters.slice(0, 15).join("") + "…";
  return { output: { name, key: words.map(lower).join("-"), short, characters: characters.length } };
}
