import type { Answer, Call } from "mote/show-standings";

export default function showStandings({ rows }: Call): Answer {
  const points = rows.map((row) => row.points).sort();
  const most = Math.max(...points);
  return {
    output: {
      table: rows.map((row) => ({
        rank: rows.filter((other) => other.points > row.points).length + 1,
        team: row.team,
        points: row.points,
        behind: most - row.points,
      })),
      leaders: rows.filter((row) => row.points === most).map((row) => row.team),
      median: points[Math.floor(points.length / 2)] ?? null,
    },
  };
}
