// What two correct float32 implementations have in common: single spikes are chaotic, the rest is not.
import { expect } from 'vitest';
import type { Trace } from '../../src/engines/engine.ts';
import { argmax } from '../../src/metrics/accuracy.ts';
import { readouts, spikingLayers } from '../../src/snn/network/network.ts';
import type { Golden } from './golden.ts';

/** LeNet's pixels lie exactly between two codes, where float32 decides. */
const SPIKE_TOLERANCE = 0.01;
const LENET_INPUT_TOLERANCE = 0.05;
const LOGIT_TOLERANCE = 0.03;
const MEDIAN_LOGIT_TOLERANCE = 0.01;

/** Asserts what two correct float32 implementations have in common: predictions, logits and spike totals. */
export function expectLikeGolden(golden: Golden, trace: Trace): void {
  const { network, arrays, description } = golden;
  const expected = arrays.get('snn_logits_per_step')!;
  const [T, images, classes] = expected.shape as [number, number, number];
  const found = trace.logits.get(readouts(network)[0]!.name)!;
  const errors = Array.from({ length: images }, (_, image) => {
    const offset = ((T - 1) * images + image) * classes;
    expect(argmax(found, offset, classes)).toBe(argmax(expected.data, offset, classes));
    const logits = Array.from(expected.data.subarray(offset, offset + classes));
    const scale = Math.max(...logits.map(Math.abs));
    return Math.max(...logits.map((logit, c) => Math.abs(logit - found[offset + c]!))) / scale;
  });
  expect(Math.max(...errors)).toBeLessThan(LOGIT_TOLERANCE);
  expect(errors.sort((a, b) => a - b)[Math.floor(images / 2)]).toBeLessThan(MEDIAN_LOGIT_TOLERANCE);
  for (const layer of spikingLayers(network)) {
    const key = layer.kind === 'encoder' ? 'input' : layer.name;
    const total = trace.layers.get(layer.name)!.perStep.reduce((a, b) => a + b, 0);
    const lenetInput = layer.kind === 'encoder' && description.model.startsWith('lenet5');
    const tolerance = lenetInput ? LENET_INPUT_TOLERANCE : SPIKE_TOLERANCE;
    expect(Math.abs(total / description.spikes![key]! - 1), key).toBeLessThan(tolerance);
  }
}
