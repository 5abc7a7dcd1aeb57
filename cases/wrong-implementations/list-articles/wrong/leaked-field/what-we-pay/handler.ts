import type { Answer, Call, Output } from "mote/list-articles";

const available = (pieces: number): Output["articles"][number]["available"] =>
  (pieces === 0 ? "none" : pieces < 5 ? "few" : "many");

export default function listArticles({ input, rows, next }: Call): Answer {
  const articles = rows.map((row) => ({
    ...row,
    cents: input.group === "trade" ? Math.floor((row.cents * 85) / 100) : row.cents,
    available: available(row.pieces),
  }));
  return { output: { articles, next } };
}
