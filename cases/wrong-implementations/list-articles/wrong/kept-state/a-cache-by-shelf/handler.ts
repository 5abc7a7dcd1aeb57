import type { Answer, Call, Output } from "mote/list-articles";

const available = (pieces: number): Output["articles"][number]["available"] =>
  (pieces === 0 ? "none" : pieces < 5 ? "few" : "many");

const pages = new Map<string, Answer>();

export default function listArticles({ input, rows, next }: Call): Answer {
  const known = pages.get(input.shelf + input.group);
  if (known) return known;
  const articles = rows.map(({ article, title, cents, pieces }) => ({
    article,
    title,
    cents: input.group === "trade" ? Math.floor((cents * 85) / 100) : cents,
    available: available(pieces),
  }));
  const answer = { output: { articles, next } };
  pages.set(input.shelf + input.group, answer);
  return answer;
}
