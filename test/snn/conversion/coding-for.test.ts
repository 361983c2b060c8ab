// The coding of a model where the user does not say: its own bits for a quantized one.
import { describe, expect, it } from 'vitest';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { codingFor } from '../../../src/snn/conversion/coding-for.ts';
import { planSpiking } from '../../../src/snn/plan/plan.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { refusalOf } from '../../passes/refusal.ts';

const onGrid = (value: string, low: number, high: number) =>
  `FakeQuantize(${value}) {scale: [0.5], axis: 1, type: "int8", zeroPoint: 0, low: ${low}, high: ${high}, absorbed: []}`;

/** A network of one layer whose input has one grid and whose layer has another. */
function quantized([low, high]: readonly [number, number], [least, most]: readonly [number, number]) {
  return planSpiking(
    parseGraph(`
input x [1, 2]
q = ${onGrid('x', low, high)}
r = Relu(q)
p = ${onGrid('r', least, most)}
output p`) as CanonicalGraph,
  );
}

const float = planSpiking(parseGraph('input x [1, 2]\ny = Relu(x)\noutput y') as CanonicalGraph);
const byte = quantized([0, 255], [0, 255]);
const nibble = quantized([0, 15], [0, 15]);

describe('the default coding', () => {
  it('is css for a float model, as the paper has it', () => {
    expect(codingFor(float)).toEqual({
      ...{ name: 'css', T: 12, beta: 1.5, Ts: 1, phi: 1 / 2, encoder: 'css' },
    });
  });

  it.each([
    ['uint8', byte, 8],
    ['4 bits in a byte', nibble, 4],
    ['int8, whose sign is no bit of the code', quantized([-127, 127], [0, 127]), 7],
    ['-128, which takes one more', quantized([-128, 127], [0, 127]), 8],
    ['the widest of several', quantized([0, 15], [0, 63]), 6],
  ])('is sws for a quantized one, as many steps as it has bits: %s', (_, plan, T) => {
    expect(codingFor(plan)).toEqual({ name: 'sws', T, beta: 2, Ts: 2, phi: 1 / 2, encoder: 'css' });
  });

  it('lets an image of more bits than the layers enter as it is', () => {
    const plan = quantized([0, 255], [0, 15]);
    expect(codingFor(plan)).toEqual({ name: 'sws', T: 4, beta: 2, Ts: 2, phi: 1 / 2, encoder: 'analog' });
    expect(codingFor(plan, undefined, { T: 8 })).toMatchObject({ T: 8, encoder: 'css' });
    expect(codingFor(plan, undefined, { encoder: 'css' })).toMatchObject({ T: 4, encoder: 'css' });
    expect(codingFor(byte, undefined, { T: 4 })).toMatchObject({ T: 4, encoder: 'analog' });
  });

  it('listens at most T - 1 steps', () => {
    expect(codingFor(quantized([0, 3], [0, 3]))).toMatchObject({ T: 2, Ts: 1 });
    expect(codingFor(quantized([0, 1], [0, 1]))).toMatchObject({ T: 1, Ts: 0 });
    expect(codingFor(byte, undefined, { T: 2 })).toMatchObject({ T: 2, Ts: 1 });
  });
});

describe('what the user says', () => {
  it('goes first: the name', () => {
    expect(codingFor(byte, 'canonical')).toMatchObject({ name: 'canonical', T: 8, Ts: 2, phi: 2 / 3 });
    expect(codingFor(nibble, 'css')).toMatchObject({ name: 'css', T: 12, beta: 1.5, Ts: 1 });
    expect(codingFor(float, 'sws')).toMatchObject({ name: 'sws', T: 8, beta: 2, Ts: 2 });
  });

  it('goes first: each parameter', () => {
    const overrides = { T: 5, beta: 1.75, Ts: 3, phi: 0.75, encoder: 'constant-current' } as const;
    expect(codingFor(byte, undefined, overrides)).toEqual({ name: 'sws', ...overrides });
    expect(codingFor(byte, undefined, { T: undefined, phi: 0.75 })).toMatchObject({ T: 8, phi: 0.75 });
    expect(codingFor(byte, undefined, { Ts: 0 })).toMatchObject({ Ts: 0 });
  });

  it.each([
    [byte, undefined, {}, 7],
    [nibble, undefined, {}, 3],
    [byte, undefined, { T: 10 }, 9],
    [float, undefined, {}, 11],
    [float, 'canonical', { T: 1 }, 0],
  ])('exact is T - 1', (plan, name, overrides, Ts) => {
    expect(codingFor(plan, name, { ...overrides, Ts: 'exact' }).Ts).toBe(Ts);
  });

  it('exact is refused with a threshold above 3/4, of which no silent period makes an exact code', async () => {
    const refusal = await refusalOf(() => codingFor(byte, undefined, { Ts: 'exact', phi: 0.76 }));
    expect(refusal.code).toBe('invalid-option');
    expect(refusal.problems).toEqual([
      { where: 'threshold (phi)', message: expect.stringMatching(/at most 0\.75 .* found 0\.76/) },
    ]);
    expect(codingFor(byte, undefined, { Ts: 'exact', phi: 0.75 })).toMatchObject({ Ts: 7, phi: 0.75 });
    expect(codingFor(byte, undefined, { T: 1, Ts: 'exact', phi: 1 })).toMatchObject({ Ts: 0, phi: 1 });
  });

  it('is refused with everything that is wrong at once', async () => {
    const refusal = await refusalOf(() => codingFor(byte, 'sws', { T: 31, beta: 3, Ts: 40, phi: 2 }));
    expect(refusal.code).toBe('invalid-option');
    expect(refusal.problems.map(({ where }) => where)).toEqual([
      'steps (T)',
      'beta',
      'silent period (Ts)',
      'threshold (phi)',
    ]);
    await expect(() => codingFor(byte, 'rate')).toThrow('rate');
  });
});
