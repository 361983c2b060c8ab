// One measured network as a point of a trade-off curve.
import type { TradeOffPoint } from '../metrics/trade-off.ts';
import type { Coding } from '../snn/network/coding.ts';
import type { Report } from './report.ts';

/** The point of a report; null where no accuracy was measured. */
export function pointOf(report: Omit<Report, 'memory' | 'workers' | 'seconds'>): TradeOffPoint | null {
  const { snn, coding, latency, images, spikes, operations, energy } = report;
  if (snn.accuracy === null) return null;
  return {
    label: codingLabel(coding),
    steps: coding.T,
    latency: latency.steps,
    accuracy: snn.accuracy,
    images,
    agreement: snn.agreement,
    spikesPerNeuron: spikes.perNeuron,
    syops: operations.syops.fanOut,
    macs: operations.macs.fanOut,
    energyMj: energy.snnMj,
  };
}

/** "T 8, beta 2, Ts 1, phi 0.667" */
export function codingLabel({ T, beta, Ts, phi }: Pick<Coding, 'T' | 'beta' | 'Ts' | 'phi'>): string {
  return `T ${T}, beta ${beta}, Ts ${Ts}, phi ${Number(phi.toPrecision(3))}`;
}
