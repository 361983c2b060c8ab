// Where the event engine spends its time: a clock around every kernel and every node.
import type { Kernels } from '../src/engines/event/kernels.ts';
import { median } from './cases.ts';

/** Kernels by what they do. */
export const PHASES = ['synapses', 'neurons', 'counts', 'other'] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf(kernel: string): Phase {
  if (/^(average|gather|columns|scatter|table|oneToOne|skip)/.test(kernel)) return 'synapses';
  if (/^(fire|encode|sum|poolMax|affine|scale|double|list)/.test(kernel)) return 'neurons';
  return kernel === 'countSpikes' || kernel === 'spikesOf' ? 'counts' : 'other';
}

/** Milliseconds by layer and kernel: medians over rounds, since a machine that does other things too stops any of them. */
export class Stopwatch {
  /** Rounds of each kernel of each layer. */
  readonly rounds = new Map<string, Map<string, number[]>>();
  private round = -1;
  private layer = '';
  private began = 0;

  /** Kernels that are timed. */
  over(kernels: Kernels): Kernels {
    const timed = Object.entries(kernels).map(([name, run]: [string, (...more: number[]) => number]) => [
      name,
      (...more: number[]) => {
        const began = performance.now();
        const answer = run(...more);
        this.add(name, performance.now() - began);
        return answer;
      },
    ]);
    return Object.fromEntries(timed) as Kernels;
  }

  nextRound(): void {
    this.round++;
  }

  entering(layer: string): void {
    this.leave();
    this.layer = layer;
    this.began = performance.now();
  }

  leave(): void {
    if (this.layer !== '') this.add('whole', performance.now() - this.began);
    this.layer = '';
  }

  total(choose: (kernel: string) => boolean, layer?: string): number {
    let sum = 0;
    for (const [name, kernels] of this.rounds) {
      if (layer !== undefined && name !== layer) continue;
      for (const [kernel, times] of kernels) if (choose(kernel)) sum += median(times);
    }
    return sum;
  }

  private add(kernel: string, time: number): void {
    if (this.round < 0) return;
    const kernels = this.rounds.get(this.layer) ?? new Map<string, number[]>();
    const times = kernels.get(kernel) ?? [];
    times[this.round] = (times[this.round] ?? 0) + time;
    kernels.set(kernel, times);
    this.rounds.set(this.layer, kernels);
  }
}
