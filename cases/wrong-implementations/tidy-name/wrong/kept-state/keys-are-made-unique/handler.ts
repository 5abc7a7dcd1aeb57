import type { Answer, Call } from "mote/tidy-name";

const lower = (word: string): string => word.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const taken = new Set<string>();

export default function tidyName({ input }: Call): Answer {
  const words = input.name.split(" ").filter((word) => word !== "");
  const name = words.join(" ");
  const characters = [...name];
  const short = characters.length <= 16 ? name : characters.slice(0, 15).join("") + "…";
  let key = words.map(lower).join("-");
  while (taken.has(key)) key += "-2";
  taken.add(key);
  return { output: { name, key, short, characters: characters.length } };
}
