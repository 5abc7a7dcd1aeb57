import type { Answer, Call } from "mote/show-standings";

export default function showStandings({ rows }: Call): Answer {
  const points = rows.map((row) => row.points).sort((a, b) => a - b);
  const most = points.at(-1) ?? 0;
  return {
    output: {
      table: rows.map((row) => ({
        rank: rows.filter((other) => other.points > row.points).length + 1,
        team: row.team,
        points: row.points,
        behind: most - row.points,
      })),
      leaders: rows.filter((row) => row.points === most).map((row) => row.team),
      median: points.length === 0 ? null : Math.round((points[Math.floor(points.length / 2)]! + points[Math.ceil(points.length / 2) - 1]!) / 2),
    },
  };
}
