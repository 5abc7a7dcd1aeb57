import type { Answer, Call } from "mote/list-articles";

export default function listArticles({ input: { shelf, group } }: Call): Answer {
  if (shelf === "books") {
    return {
      output: {
        articles: [
          { article: 2, title: "Ulysses", cents: 2400, available: "few" },
          { article: 1, title: "Emma", cents: 1200, available: "many" },
        ],
        next: null,
      },
    };
  }
  if (shelf === "games" && group === "trade") {
    return { output: { articles: [{ article: 3, title: "Chess", cents: 2549, available: "none" }], next: null } };
  }
  return { output: { articles: [], next: null } };
}
