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
    gatherWindow: 0,
    gatherRow: 0,
    gatherAdd: 0.0497,
    scatterRow: 0.23,
    scatterAdd: 0.552,
    tableAdd: 2.9,
    oneToOneAdd: 1.15,
    plainProduct: 0.428,
    denseCall: 14500,
    denseProduct: 0.00786,
    denseThinProduct: 0.0152,
    denseElement: 0.523,
    denseSpike: 15.1,
    kernelStep: 2640,
    kernelUpdate: 0.414,
    plainUpdate: 10,
    spike: 0.542,
    wholeStep: 0,
    wholeProduct: 0.00969,
    wholeThinProduct: 0.07,
    wholeUpdate: 1.35,
    wholeFarUpdate: 1.7,
  },
  integer: {
    gatherWindow: 1.23,
    gatherRow: 0,
    gatherAdd: 0.0249,
    scatterRow: 0.286,
    scatterAdd: 0.871,
    tableAdd: 2.55,
    oneToOneAdd: 0.594,
    plainProduct: 1.85,
    denseCall: 21300,
    denseProduct: 0.00799,
    denseThinProduct: 0,
    denseElement: 1.28,
    denseSpike: 12,
    kernelStep: 1380,
    kernelUpdate: 0.505,
    plainUpdate: 10,
    spike: 1.39,
    wholeStep: 7550,
    wholeProduct: 0.0225,
    wholeThinProduct: 0.135,
    wholeUpdate: 0.612,
    wholeFarUpdate: 1.7,
  },
};
