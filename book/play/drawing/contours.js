/** Contour lines of a function of two variables, by marching squares. */

const CELLS = 90;

/**
 * For each level, line pieces [[x, y], [x, y]].
 *
 * value([x, y]); x and y are the ranges [from, to].
 */
export function contours(value, x, y, levels) {
  const grid = (range) =>
    Array.from({ length: CELLS + 1 }, (_, i) => range[0] + ((range[1] - range[0]) * i) / CELLS);
  const [xs, ys] = [grid(x), grid(y)];
  const heights = ys.map((b) => xs.map((a) => value([a, b])));
  return levels.map((level) => {
    const pieces = [];
    for (let j = 0; j < CELLS; j++) {
      for (let i = 0; i < CELLS; i++) {
        const corners = [
          [xs[i], ys[j], heights[j][i]],
          [xs[i + 1], ys[j], heights[j][i + 1]],
          [xs[i + 1], ys[j + 1], heights[j + 1][i + 1]],
          [xs[i], ys[j + 1], heights[j + 1][i]],
        ];
        pieces.push(...crossed(corners, level));
      }
    }
    return pieces;
  });
}

/** The pieces of a level's line within one cell: one, or two where two opposite corners lie above it. */
function crossed(corners, level) {
  const points = [];
  corners.forEach(([x, y, height], k) => {
    const [otherX, otherY, other] = corners[(k + 1) % 4];
    if (height < level !== other < level) {
      const share = (level - height) / (other - height);
      points.push([x + share * (otherX - x), y + share * (otherY - y)]);
    }
  });
  return points.length === 4 ? [points.slice(0, 2), points.slice(2)] : points.length ? [points] : [];
}

/** Levels that lie closer the lower they are: even ones of the root's root, above the lowest. */
export function levels(value, x, y, lowest, count = 12) {
  let highest = lowest;
  for (const a of [x[0], (x[0] + x[1]) / 2, x[1]]) {
    for (const b of [y[0], (y[0] + y[1]) / 2, y[1]]) highest = Math.max(highest, value([a, b]));
  }
  return Array.from({ length: count }, (_, i) => lowest + (highest - lowest) * ((i + 0.6) / count) ** 4);
}
