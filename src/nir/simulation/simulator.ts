// Steps a NIR graph through time for one image: plain TypeScript, written to be read.
import { Ann2SnnError } from '../../errors.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { addProducts, type LinearMap } from './linear-map.ts';
import { isStateful, type MembraneStep, membraneStep, type TimeStep } from './neuron-model.ts';
import type { Program, Stage } from './program.ts';

/** A stage with its memory. */
interface Cell {
  readonly stage: Stage;
  readonly sources: readonly Float32Array[];
  /** The sum of the sources; the source itself where there is one. */
  readonly input: Float32Array;
  readonly out: Float32Array;
  readonly advance: () => void;
  readonly membrane: Float32Array | null;
}

/**
 * Runs one image after the other. The image enters as the same current at every step. Currents are summed in float64, in
 * the order of the input elements, bias last, and rounded once to float32; membranes are float32.
 */
export class NirSimulator {
  private readonly cells = new Map<string, Cell>();
  private fresh = true;

  constructor(program: Program, time: TimeStep) {
    if (!(time.dt > 0 && Number.isFinite(time.dt))) {
      throw new Ann2SnnError('invalid-option', {
        where: 'dt',
        message: `expected a time above 0, found ${time.dt}`,
      });
    }
    const outs = new Map(
      [...program.stages].map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]),
    );
    for (const [name, stage] of program.stages) {
      const sources = stage.sources.map((source) => outs.get(source)!);
      const input = sources.length === 1 ? sources[0]! : new Float32Array(sizeOf(stage.inputShape));
      this.cells.set(name, cellOf(stage, sources, input, outs.get(name)!, time));
    }
  }

  /** Sets membranes to 0 and the input to `image`, a number for each element of the Input's shape. */
  begin(image: Float32Array): void {
    for (const { stage, out, membrane } of this.cells.values()) {
      membrane?.fill(0);
      out.fill(0);
      if (stage.node.type === 'Input') out.set(image);
    }
    this.fresh = true;
  }

  /** Advances all nodes by one step. */
  step(): void {
    for (const { stage, sources, input, advance } of this.cells.values()) {
      // What is the same at every step is computed once.
      if (stage.node.type === 'Input' || (stage.carries === 'held' && !this.fresh)) continue;
      if (sources.length > 1) add(sources, input);
      advance();
    }
    this.fresh = false;
  }

  /** What came out of a node in the last step; the array is used again by the next. */
  valueOf(name: string): Float32Array {
    return this.cells.get(name)!.out;
  }

  /** What went into a node in the last step. */
  inputOf(name: string): Float32Array {
    return this.cells.get(name)!.input;
  }
}

function cellOf(
  stage: Stage,
  sources: readonly Float32Array[],
  input: Float32Array,
  out: Float32Array,
  time: TimeStep,
): Cell {
  const { node, map } = stage;
  const cell = { stage, sources, input, out };
  if (isStateful(node)) {
    const membrane = new Float32Array(out.length);
    const step: MembraneStep = membraneStep(node, time);
    return { ...cell, membrane, advance: () => step(membrane, input, out) };
  }
  if (node.type === 'Threshold') {
    const threshold = Float32Array.from(node.threshold.data);
    const advance = () => {
      for (let i = 0; i < out.length; i++) out[i] = input[i]! > threshold[i]! ? 1 : 0;
    };
    return { ...cell, membrane: null, advance };
  }
  const sums = new Float64Array(out.length);
  return { ...cell, membrane: null, advance: () => applyMap(map!, input, sums, out) };
}

function applyMap(map: LinearMap, input: Float32Array, sums: Float64Array, out: Float32Array): void {
  sums.fill(0);
  addProducts(map, input, sums);
  const { bias } = map;
  for (let i = 0; i < out.length; i++) out[i] = bias === undefined ? sums[i]! : sums[i]! + bias[i]!;
}

function add(sources: readonly Float32Array[], sum: Float32Array): void {
  sum.set(sources[0]!);
  for (const source of sources.slice(1)) {
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + source[i]!;
  }
}
