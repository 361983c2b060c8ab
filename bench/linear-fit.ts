// A straight line through points.

/** y = slope x + intercept by least squares, and the share of the variance of y that it explains. */
export function linearFit(points: readonly (readonly [x: number, y: number])[]) {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sum = (of: (x: number, y: number) => number) =>
    points.reduce((so, [x, y]) => so + of(x - mx, y - my), 0);
  const slope = sum((x, y) => x * y) / sum((x) => x * x);
  const r2 = sum((x, y) => x * y) ** 2 / (sum((x) => x * x) * sum((_, y) => y * y));
  return { slope, intercept: my - slope * mx, r2 };
}
