// What running a network costs, as amounts of work times what each unit of it takes.

/**
 * Kinds of work, each with the nanoseconds that one unit takes in the cost table. Of the event engine: lines of windows looked at, rows of
 * weights listed and their additions (gather), and so on for its other kernels; `plainProduct` for what no kernel walks. Of
 * currents from ONNX Runtime: calls, products, thin ones with few inputs for each output, elements handed over, spikes written
 * out. Of neurons: steps of a layer, updates by kernels and in plain TypeScript, spikes put out. `whole...`: the dense engine, whose far updates are those of
 * windows that no cache holds.
 */
export const COST_NAMES = [
  'gatherWindow',
  'gatherRow',
  'gatherAdd',
  'scatterRow',
  'scatterAdd',
  'tableAdd',
  'oneToOneAdd',
  'plainProduct',
  'denseCall',
  'denseProduct',
  'denseThinProduct',
  'denseElement',
  'denseSpike',
  'kernelStep',
  'kernelUpdate',
  'plainUpdate',
  'spike',
  'wholeStep',
  'wholeProduct',
  'wholeThinProduct',
  'wholeUpdate',
  'wholeFarUpdate',
] as const;

export type CostName = (typeof COST_NAMES)[number];

/** Nanoseconds for one unit of each kind of work. */
export type Prices = { readonly [name in CostName]: number };

/** Units of each kind of work; 0 where a kind is absent. */
export type Work = { readonly [name in CostName]?: number };

/** Nanoseconds that work takes. */
export function costOf(work: Work, prices: Prices): number {
  return Object.entries(work).reduce((sum, [name, units]) => sum + units * prices[name as CostName], 0);
}

/** Both. */
export function joined(...works: readonly Work[]): Work {
  const sum: { [name in CostName]?: number } = {};
  for (const work of works) {
    for (const [name, units] of Object.entries(work)) {
      sum[name as CostName] = (sum[name as CostName] ?? 0) + units;
    }
  }
  return sum;
}
