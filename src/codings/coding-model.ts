// A coding on a network as an ONNX model, whichever way its layers fire.
import type { BaselineCoding, CodingSettings } from './baseline-coding.ts';
import { layerWiseModel } from './layer-wise-model.ts';
import type { RunOptions } from './model-parts.ts';
import type { CodingSubject } from './subject.ts';
import { synchronousModel } from './synchronous-model.ts';

/** Writes the model (opset 17). Inputs and outputs: model-parts.ts. */
export function codingModel(
  subject: CodingSubject,
  coding: Pick<BaselineCoding, 'schedule' | 'neuron' | 'shares' | 'watched'>,
  settings: CodingSettings,
  steps: number,
  options: RunOptions = {},
): Uint8Array {
  return coding.schedule === 'synchronous'
    ? synchronousModel(subject, coding, settings, steps, options)
    : layerWiseModel(subject, coding.neuron(steps), settings.amplitudes, steps, options);
}
