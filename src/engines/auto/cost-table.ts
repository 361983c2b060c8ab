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
    gatherWindow: 4.08,
    gatherRow: 0,
    gatherAdd: 0.0681,
    scatterRow: 0.297,
    scatterAdd: 0.573,
    tableAdd: 5.18,
    oneToOneAdd: 2.25,
    plainProduct: 0.509,
    denseCall: 42500,
    denseProduct: 0.0087,
    denseThinProduct: 0.0602,
    denseElement: 0.578,
    denseSpike: 11.1,
    kernelUpdate: 0.453,
    plainUpdate: 10,
    spike: 1.91,
    wholeStep: 771,
    wholeProduct: 0.0117,
    wholeThinProduct: 0.12,
    wholeUpdate: 2.21,
  },
  integer: {
    gatherWindow: 4.96,
    gatherRow: 0,
    gatherAdd: 0.0424,
    scatterRow: 0.395,
    scatterAdd: 0.939,
    tableAdd: 5.82,
    oneToOneAdd: 0,
    plainProduct: 1.08,
    denseCall: 59500,
    denseProduct: 0.00507,
    denseThinProduct: 0,
    denseElement: 1.33,
    denseSpike: 7.13,
    kernelUpdate: 0.853,
    plainUpdate: 41.4,
    spike: 2.58,
    wholeStep: 1020,
    wholeProduct: 0.0074,
    wholeThinProduct: 0.623,
    wholeUpdate: 5.12,
  },
};
