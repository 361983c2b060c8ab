// Errors of outputs, worked out by hand: T = 2, beta = 2, so that the first answer counts double.
import { describe, expect, it } from 'vitest';
import { addOutput, type OutputsSums, outputErrors } from '../../src/metrics/output-errors.ts';
import type { Shape } from '../../src/tensor/tensor.ts';
import { graphOf, networkOf } from '../snn/tiny.ts';

const networkWith = (shape: Shape) =>
  networkOf(graphOf({ input: shape, nodes: [['Relu', ['x'], 'y']] }), { coding: { T: 2, beta: 2, Ts: 0 } });

describe('the error of an output', () => {
  it('is relative to the ANN on all images, however they are batched, and has a worst image', () => {
    const network = networkWith([2]);
    const ann = [3, 4, 0, 1, 6, 0];
    const last = [3, 4, 0, 3, 6, 1];
    const first = [1, 2, 0, 1, 3, 0];
    const output = { name: 'y', shape: [2] };
    // sum ANN^2 = 25 + 1 + 36; errors at the end 0, 4, 1; twice the first answer: (1, 0), (0, 1), (0, 0)
    const expected = [
      {
        name: 'y',
        shape: [2],
        relativeError: Math.sqrt(5 / 62),
        worstImage: Math.sqrt((3 * 4) / 62),
        pixelAgreement: null,
        errorPerStep: [Math.sqrt(2 / 62), Math.sqrt(5 / 62)],
      },
    ];
    const whole: OutputsSums = new Map();
    addOutput(whole, network, output, Float32Array.of(...first, ...last), Float32Array.from(ann));
    expect(outputErrors(network, whole)).toEqual(expected);
    const parts: OutputsSums = new Map();
    for (let i = 0; i < 6; i += 2) {
      const part = (values: number[]) => values.slice(i, i + 2);
      const logits = Float32Array.of(...part(first), ...part(last));
      addOutput(parts, network, output, logits, Float32Array.from(part(ann)));
    }
    expect(outputErrors(network, parts)).toEqual(expected);
  });

  it('counts the pixels of which both say the same class', () => {
    const network = networkWith([3, 1, 2]);
    const sums: OutputsSums = new Map();
    // Two images of two pixels; pixel by pixel, classes 0, 1 | 2, tie of 0 and 1 which goes to 0.
    const ann = Float32Array.of(9, 0, 1, 5, 0, 0, /**/ 0, 4, 0, 4, 1, 0);
    const snn = Float32Array.of(8, 0, 1, 6, 0, 9, /**/ 0, 4, 0, 3, 2, 0);
    addOutput(
      sums,
      network,
      { name: 'y', shape: [3, 1, 2] },
      Float32Array.of(...new Float32Array(12), ...snn),
      ann,
    );
    expect(outputErrors(network, sums)[0]!.pixelAgreement).toBe(3 / 4);
  });

  it('is unknown without the ANN', () => {
    const unknown = { relativeError: null, worstImage: null, pixelAgreement: null, errorPerStep: null };
    expect(outputErrors(networkWith([2]), new Map())).toEqual([{ name: 'y', shape: [2], ...unknown }]);
  });

  it('is none of decoded zeros where the ANN has nothing but zeros', () => {
    const sums: OutputsSums = new Map();
    addOutput(sums, networkWith([2]), { name: 'y', shape: [2] }, new Float32Array(4), new Float32Array(2));
    expect(outputErrors(networkWith([2]), sums)[0]).toMatchObject({ relativeError: 0, worstImage: 0 });
  });
});
