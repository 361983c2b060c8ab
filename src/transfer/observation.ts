// Runs a compiled NIR graph over images and adds up what happens: answers, spikes, means of all values.
import { Ann2SnnError } from '../errors.ts';
import type { TimeStep } from '../nir/simulation/neuron-model.ts';
import { spikingStages } from '../nir/simulation/operations.ts';
import type { Program } from '../nir/simulation/program.ts';
import { NirSimulator } from '../nir/simulation/simulator.ts';
import { sizeOf } from '../tensor/tensor.ts';

/** How long an image is shown, and how time is stepped. */
export interface Presentation extends TimeStep {
  /** T: steps of one image; membranes are 0 before the first. */
  readonly steps: number;
}

/** Images in the unit of the network's input, one after the other. */
export interface Images {
  /** [count, ...shape of the Input] */
  readonly data: Float32Array;
  readonly count: number;
}

export interface Observation {
  readonly images: number;
  /** [images, outputs]: the sum over the steps of what reached the Output. */
  readonly answers: Float64Array;
  /** For every stage and element, the mean over images and steps of what came out: rates of populations that spike. */
  readonly means: ReadonlyMap<string, Float64Array>;
  /** Spikes of each element of each spiking population, per image. */
  readonly spikesPerNeuron: ReadonlyMap<string, Float64Array>;
}

/** One image; the array is part of all of them. */
export function imageOf({ data, count }: Images, index: number): Float32Array {
  const size = data.length / count;
  return data.subarray(index * size, (index + 1) * size);
}

/**
 * Shows every image for T steps.
 * @throws Ann2SnnError `invalid-option` where T is no whole number from 1, or dt is not above 0
 */
export function observe(program: Program, images: Images, presentation: Presentation): Observation {
  const { steps } = presentation;
  if (!(Number.isInteger(steps) && steps > 0)) {
    const message = `expected a whole number of steps from 1, found ${steps}`;
    throw new Ann2SnnError('invalid-option', { where: 'steps', message });
  }
  const simulator = new NirSimulator(program, presentation);
  const outputs = sizeOf(program.output.shape);
  const answers = new Float64Array(images.count * outputs);
  const sums = new Map(
    [...program.stages].map(([name, { shape }]) => [name, new Float64Array(sizeOf(shape))]),
  );
  for (let n = 0; n < images.count; n++) {
    simulator.begin(imageOf(images, n));
    for (let t = 0; t < steps; t++) {
      simulator.step();
      for (const [name, sum] of sums) accumulate(sum, simulator.valueOf(name));
      accumulate(answers.subarray(n * outputs, (n + 1) * outputs), simulator.valueOf(program.output.name));
    }
  }
  const divided = (sum: Float64Array, by: number) => sum.map((value) => value / by);
  return {
    images: images.count,
    answers,
    means: new Map([...sums].map(([name, sum]) => [name, divided(sum, images.count * steps)] as const)),
    spikesPerNeuron: new Map(
      spikingStages(program).map(({ name }) => [name, divided(sums.get(name)!, images.count)] as const),
    ),
  };
}

/** The class of each image: the largest answer, the first of equal ones. */
export function classesOf({ answers, images }: Observation): Int32Array {
  const outputs = answers.length / images;
  return Int32Array.from({ length: images }, (_, n) => {
    const row = answers.subarray(n * outputs, (n + 1) * outputs);
    return row.indexOf(Math.max(...row));
  });
}

function accumulate(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}
