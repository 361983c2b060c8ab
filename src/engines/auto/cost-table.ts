// Written by `npm run bench:costs`: nanoseconds that one unit of each kind of work took. Measured there, not chosen.
import type { Prices } from './costs.ts';

export const costTable: {
  readonly machine: string;
  readonly date: string;
  readonly float32: Prices;
  readonly integer: Prices;
} = {
  machine: 'AMD EPYC, Node v20.20.2',
  date: '2026-11-26',
  float32: {
    gatherWindow: 1.08,
    gatherRow: 0,
    gatherAdd: 0.0537,
    scatterRow: 0.211,
    scatterAdd: 0.54,
    tableAdd: 0.958,
    oneToOneAdd: 1.28,
    plainProduct: 0.444,
    denseCall: 4350,
    denseProduct: 0.00788,
    denseThinProduct: 0.043,
    denseElement: 0.436,
    denseSpike: 8.52,
    kernelStep: 3180,
    kernelUpdate: 0.543,
    plainUpdate: 10,
    spike: 0.912,
    wholeStep: 0,
    wholeProduct: 0.00988,
    wholeThinProduct: 0.0818,
    wholeUpdate: 1.35,
    wholeFarUpdate: 2.22,
  },
  integer: {
    gatherWindow: 0.173,
    gatherRow: 0,
    gatherAdd: 0.0294,
    scatterRow: 0.265,
    scatterAdd: 0.897,
    tableAdd: 2.8,
    oneToOneAdd: 0,
    plainProduct: 1.98,
    denseCall: 20900,
    denseProduct: 0.00645,
    denseThinProduct: 0.00575,
    denseElement: 1.17,
    denseSpike: 6.11,
    kernelStep: 2050,
    kernelUpdate: 0.572,
    plainUpdate: 10,
    spike: 1.95,
    wholeStep: 7920,
    wholeProduct: 0.0283,
    wholeThinProduct: 0.188,
    wholeUpdate: 0,
    wholeFarUpdate: 2.22,
  },
};
