import type { Answer, Call } from "mote/greet";

const words = { en: "Hello", de: "Hallo", fr: "Bonjour" };

export default function greet({ input }: Call): Answer {
  const greeting = `${words[input.language]}, ${input.name}!`;
  // Lengths count characters, and a character outside the basic plane is two units of a string.
  return { output: { greeting, length: [...greeting].length } };
}
