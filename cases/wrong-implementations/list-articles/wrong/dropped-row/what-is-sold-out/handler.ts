import type { Answer, Call, Output } from "mote/list-articles";

const available = (pieces: number): Output["articles"][number]["available"] =>
  (pieces === 0 ? "none" : pieces < 5 ? "few" : "many");

export default function listArticles({ input, rows, next }: Call): Answer {
  const articles = rows.filter((row) => row.pieces > 0).map(({ article, title, cents, pieces }) => ({
    article,
    title,
    cents: input.group === "trade" ? Math.floor((cents * 85) / 100) : cents,
    available: available(pieces),
  }));
  return { output: { articles, next } };
}
