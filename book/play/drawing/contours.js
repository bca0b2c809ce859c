/** Contour lines of a function of two variables, by marching squares. */

const CELLS = 90;
const LINES = 13;

/**
 * For each line, its pieces [[x, y], [x, y]].
 *
 * value([x, y]); x and y are the ranges [from, to].
 */
export function contours(value, x, y) {
  const grid = (range) =>
    Array.from({ length: CELLS + 1 }, (_, i) => range[0] + ((range[1] - range[0]) * i) / CELLS);
  const [xs, ys] = [grid(x), grid(y)];
  const heights = ys.map((b) => xs.map((a) => value([a, b])));
  return levels(heights.flat()).map((level) => {
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

/** Heights that part the map into shares which are the smaller the lower they lie, whatever the landscape. */
function levels(heights) {
  const sorted = heights.toSorted((one, other) => one - other);
  return Array.from({ length: LINES }, (_, i) => sorted[Math.floor(((i + 0.6) / LINES) ** 1.7 * sorted.length)]);
}
