/** A measurement: what was set, and what came of it. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** y = base + slope · x. */
export interface Line {
  readonly base: number;
  readonly slope: number;
}

/**
 * The line through the points that fits best. What comes and goes, as garbage does, leaves it level.
 *
 * @throws RangeError where the points are not of two different x at least.
 */
export function fitLine(points: readonly Point[]): Line {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((of) => of.x), mean((of) => of.y)];
  const spread = mean((of) => (of.x - x) ** 2);
  if (!(spread > 0)) throw new RangeError('no line');
  const slope = mean((of) => (of.x - x) * (of.y - y)) / spread;
  return { base: y - slope * x, slope };
}
