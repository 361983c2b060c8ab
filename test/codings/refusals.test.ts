// What codings cannot carry is refused by name, all of it at once.
import { describe, expect, it } from 'vitest';
import { checkSubject } from '../../src/codings/check-subject.ts';
import { baselineCodingNamed, baselineCodings } from '../../src/codings/index.ts';
import { planSpiking } from '../../src/snn/plan/plan.ts';
import { floatTensor } from '../../src/tensor/tensor.ts';
import { ints } from '../ops/single-node.ts';
import { refusalOf } from '../passes/refusal.ts';
import { graphOf } from '../snn/tiny.ts';

const plan = planSpiking(
  graphOf({
    input: [1, 4, 4],
    nodes: [
      ['Conv', ['x', 'w'], 'u'],
      ['Relu', ['u'], 'a'],
      ['MaxPool', ['a'], 'p', { kernel_shape: ints(2, 2), strides: ints(2, 2) }],
      ['Conv', ['p', 'w'], 'z'],
      ['LeakyRelu', ['z'], 'b'],
      ['Conv', ['b', 'w'], 'y'],
    ],
    constants: { w: floatTensor([1, 1, 1, 1], [1]) },
  }),
);

const refused = (name: string) => refusalOf(() => checkSubject(baselineCodingNamed(name), { plan }));

describe('a max-pool and a LeakyRelu', () => {
  it.each(['rate', 'rate-signed', 'phase', 'burst'])('%s can carry neither', async (name) => {
    expect((await refused(name)).problems.map(({ where }) => where)).toEqual([
      `${name}: layer "p"`,
      `${name}: layer "b"`,
    ]);
  });

  it.each(['fs', 'ttfs', 'tsc'])('%s can take a maximum and carry no negative values', async (name) => {
    const { problems, code } = await refused(name);
    expect(code).toBe('unsupported-operator');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      where: `${name}: layer "b"`,
      message: expect.stringContaining('tsa-leaky-relu'),
    });
  });
});

it('names are unique, and one that there is not gets the nearest', () => {
  const names = baselineCodings.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(() => baselineCodingNamed('rate-sined')).toThrow(/rate-signed/);
});
