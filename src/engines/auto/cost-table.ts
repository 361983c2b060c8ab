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
    gatherWindow: 1.82,
    gatherRow: 0,
    gatherAdd: 0.0649,
    scatterRow: 0.276,
    scatterAdd: 0.565,
    tableAdd: 1.5,
    oneToOneAdd: 1.66,
    plainProduct: 0.452,
    denseCall: 42900,
    denseProduct: 0.00842,
    denseThinProduct: 0.0499,
    denseElement: 0.416,
    denseSpike: 9.78,
    kernelUpdate: 0.509,
    plainUpdate: 10,
    spike: 1.4,
    wholeStep: 800,
    wholeProduct: 0.00985,
    wholeThinProduct: 0.0841,
    wholeUpdate: 1.91,
    wholeFarUpdate: 3,
  },
  integer: {
    gatherWindow: 2,
    gatherRow: 0,
    gatherAdd: 0.0374,
    scatterRow: 0.351,
    scatterAdd: 0.877,
    tableAdd: 3.56,
    oneToOneAdd: 1.5,
    plainProduct: 2.04,
    denseCall: 47500,
    denseProduct: 0.00716,
    denseThinProduct: 0.00356,
    denseElement: 1.13,
    denseSpike: 6.57,
    kernelUpdate: 0.58,
    plainUpdate: 10,
    spike: 2.79,
    wholeStep: 800,
    wholeProduct: 0.0266,
    wholeThinProduct: 0.0897,
    wholeUpdate: 2.63,
    wholeFarUpdate: 3,
  },
};
