// Recorded layers as files: arrays for programs, rows for people.
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import type { LayerRecord } from '../trace.ts';

/** Neurons up to which a layer goes into a CSV without being asked for. */
export const SMALL_LAYER = 1024;

/** Every array by the name that docs/format.md, section 13, gives it. */
export function recordMembers(records: readonly LayerRecord[]): ReadonlyMap<string, Tensor> {
  return new Map(
    records.flatMap((record) =>
      arraysOf(record).map(([kind, array, k]) => [memberName(record, kind, k), array]),
    ),
  );
}

/** Whether a layer has few enough neurons to be read as rows. */
export function isSmall({ spikes }: LayerRecord): boolean {
  return sizeOf(spikes.shape.slice(1)) <= SMALL_LAYER;
}

/** One row for each array, step and element; steps count from 1 in the layer's window of T + Ts. */
export function recordCsv(records: readonly LayerRecord[]): string {
  const rows = records.flatMap((record) => {
    const silent = silentSteps(record);
    return arraysOf(record).flatMap(([kind, { shape, data }, source]) => {
      const first = kind === 'potentials' ? 1 : silent + 1;
      const size = sizeOf(shape.slice(1));
      return Array.from(
        data,
        (value, i) =>
          `${quoted(record.name)},${kind},${source ?? ''},${first + Math.floor(i / size)},${i % size},${value}`,
      );
    });
  });
  return `${['layer,array,source,step,element,value', ...rows].join('\n')}\n`;
}

/** The arrays of a layer; those of several sources with the source's index. */
function arraysOf({ spikes, potentials, output }: LayerRecord): [string, Tensor, number?][] {
  return [
    ['spikes', spikes],
    ...potentials.map((h, k): [string, Tensor, number?] =>
      potentials.length === 1 ? ['potentials', h] : ['potentials', h, k],
    ),
    ...(output === undefined ? [] : [['output', output] as [string, Tensor]]),
  ];
}

function memberName({ name }: LayerRecord, kind: string, source: number | undefined): string {
  return source === undefined ? `${kind}/${name}` : `${kind}/${name}/source${source}`;
}

/** Ts: how many steps longer the membranes are recorded than the spikes. */
function silentSteps({ spikes, potentials: [h] }: LayerRecord): number {
  return h === undefined ? 0 : h.shape[0]! - spikes.shape[0]!;
}

function quoted(name: string): string {
  return /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
