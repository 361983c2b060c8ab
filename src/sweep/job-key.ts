// What a measured row depends on: whatever could change a figure of it, and nothing else.
import { createHash } from 'node:crypto';
import type { OpenedSource } from '../conversion-job.ts';
import type { Coding } from '../snn/network/coding.ts';
import { NETWORK_FORMAT } from '../snn/network/network-schema.ts';
import { TOOL } from '../tool.ts';
import type { Bench } from './bench.ts';
import type { NeuronChange } from './variants.ts';

/** Changes whenever rows hold other fields or mean something else by them. */
export const ROW_VERSION = 1;

/** One row's own part. */
export interface JobSetting {
  readonly coding: Coding;
  readonly percentile: number;
  /** What is done to its neurons; nothing unless given. */
  readonly change?: NeuronChange;
}

/** SHA-256, in hex, of everything that a row depends on. Paths are not part of it: files are known by their bytes. */
export function jobKeys({ model, source, dataset, options }: Bench): (setting: JobSetting) => string {
  const { analog = [], linear = 'respike', weightBits = null, data, engine } = options;
  const { labels } = dataset;
  const common = {
    row: ROW_VERSION,
    tool: [TOOL, NETWORK_FORMAT],
    model: model.file.sha256,
    plan: [[...analog].sort(), linear, weightBits],
    source: sourceIdentity(source),
    data: {
      sha256: dataset.sha256,
      images: dataset.count,
      layout: data.options?.layout ?? 'nchw',
      labels:
        labels === null ? null : sha256(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength)),
    },
    engine: engine.name,
  };
  return ({ coding: { T, beta, Ts, phi, encoder }, percentile, change = {} }) =>
    sha256(JSON.stringify({ ...common, setting: [T, beta, Ts, phi, encoder, percentile, change] }));
}

function sourceIdentity(source: OpenedSource) {
  if (source.kind === 'calibration') return { calibration: sha256(JSON.stringify(source.calibration)) };
  const { dataset, preprocessing } = source;
  return { images: [dataset.sha256, dataset.count, dataset.shape], preprocessing };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
