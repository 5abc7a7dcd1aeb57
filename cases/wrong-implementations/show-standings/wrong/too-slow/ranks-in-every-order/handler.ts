import type { Answer, Call } from "mote/show-standings";

export default function showStandings({ rows }: Call): Answer {
  const better = (team: string, all: readonly string[], from: number): number =>
    from >= all.length ? 0 : Math.max(better(team, all, from + 1), all[from] === team ? from : better(team, all, from + 1));
  const points = rows.map((row) => row.points).sort((a, b) => a - b);
  const most = points.at(-1) ?? 0;
  return {
    output: {
      table: rows.map((row) => ({
        rank: rows[better(row.team, rows.map((other) => other.team), 0)] === row ? rows.filter((other) => other.points > row.points).length + 1 : 1,
        team: row.team,
        points: row.points,
        behind: most - row.points,
      })),
      leaders: rows.filter((row) => row.points === most).map((row) => row.team),
      median: points[Math.floor(points.length / 2)] ?? null,
    },
  };
}
