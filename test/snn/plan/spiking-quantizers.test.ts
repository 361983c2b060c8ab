// Which quantizers become spikes, and why the others do not: one graph for each row of the table and each branch.
import { describe, expect, it } from 'vitest';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { keepSpikingQuantizers } from '../../../src/snn/plan/spiking-quantizers.ts';
import { parseGraph, printGraph } from '../../passes/graph-text.ts';

const CARRIED = 'it rounds what spikes carry already; carried unquantized';
const UNREAD = 'it rounds currents that no weights read; carried unquantized';
const OUTPUT = 'it rounds an output; the readout decodes it unquantized';
const SHARED = 'the image is read by others as well, which want it as it is';

const grid = (low: number, high: number, absorbed = '') =>
  `{scale: [0.5], axis: 1, type: "int8", zeroPoint: 0, low: ${low}, high: ${high}, absorbed: [${absorbed}]}`;
const SIGNED = grid(-128, 127);
const POSITIVE = grid(0, 127);
const POOL = '{kernel_shape: [2, 2], strides: [2, 2]}';

/** Lines behind an image x, spikes "r" and currents "a", with weights "w" at hand. */
function graphOf(lines: string, outputs = 'y'): CanonicalGraph {
  const text = `
input x [1, 2, 4, 4]
const w [2, 2, 1, 1] seed 1
const up [1] = 0.5
const down [1] = -0.5
r = Relu(x)
a = Conv(r, w)
${lines}
${outputs
  .split(' ')
  .map((output) => `output ${output}`)
  .join('\n')}`;
  return parseGraph(text) as CanonicalGraph;
}

/** Why each quantizer of a graph was taken out, in the words behind its description. */
function reasons(graph: CanonicalGraph): Record<string, string> {
  const { fates } = keepSpikingQuantizers(graph);
  return Object.fromEntries(fates.map(({ node, detail }) => [node, detail.slice(detail.indexOf(': ') + 2)]));
}

describe('a quantizer that becomes spikes', () => {
  it.each<[string, string]>([
    ['that took a Relu in', `q = FakeQuantize(a) ${grid(-128, 127, '"relu"')}\ny = Add(q, r)`],
    ['that cannot go below 0, which is a Relu', `q = FakeQuantize(a) ${POSITIVE}\ny = Add(q, r)`],
    ['behind a Relu', `b = Relu(a)\nq = FakeQuantize(b) ${SIGNED}\ny = Add(q, r)`],
    ['behind a Clip', `b = Clip(a, -1, 1)\nq = FakeQuantize(b) ${SIGNED}\ny = Add(q, r)`],
    ['behind a max-pool', `b = MaxPool(a) ${POOL}\nq = FakeQuantize(b) ${SIGNED}\ny = Reshape(q, [-1, 8])`],
    ['in front of a max-pool', `q = FakeQuantize(a) ${SIGNED}\ny = MaxPool(q) ${POOL}`],
    ['of currents in front of weights', `q = FakeQuantize(a) ${SIGNED}\ny = Conv(q, w)`],
    [
      'of currents in front of weights, past linear and layout nodes',
      `q = FakeQuantize(a) ${SIGNED}\nb = Mul(q, up)\nc = Reshape(b, [-1, 32])\nd = Reshape(c, [-1, 2, 4, 4])\ny = Conv(d, w)`,
    ],
    [
      'of currents that weights and a sum read',
      `q = FakeQuantize(a) ${SIGNED}\nb = Conv(q, w)\ny = Add(b, q)`,
    ],
    [
      'of spikes moved below 0, which is a Relu',
      `b = Add(r, down)\nq = FakeQuantize(b) ${POSITIVE}\ny = Add(q, r)`,
    ],
    [
      'of spikes times less than 0, which is a Relu',
      `b = Mul(r, down)\nq = FakeQuantize(b) ${POSITIVE}\ny = Add(q, r)`,
    ],
  ])('is one %s', (_, lines) => {
    const graph = graphOf(lines);
    expect(keepSpikingQuantizers(graph)).toEqual({ graph, fates: [] });
  });

  it('is that of the image, where it alone reads it', () => {
    const graph = parseGraph(`input x [1, 2]\ny = FakeQuantize(x) ${SIGNED}\noutput y`) as CanonicalGraph;
    expect(reasons(graph)).toEqual({});
  });
});

describe('a quantizer that is taken out', () => {
  it.each<[string, string, string]>([
    ['rounds one branch of a residual sum', `q = FakeQuantize(a) ${SIGNED}\ny = Add(q, r)`, UNREAD],
    [
      'rounds currents that an activation turns into spikes before weights read them',
      `q = FakeQuantize(a) ${SIGNED}\nb = Add(q, r)\nc = Relu(b)\ny = Conv(c, w)`,
      UNREAD,
    ],
    [
      'rounds a mean of spikes',
      `b = AveragePool(r) ${POOL}\nq = FakeQuantize(b) ${POSITIVE}\ny = Conv(q, w)`,
      CARRIED,
    ],
    [
      'rounds a join of spikes',
      `b = Concat(r, r) {axis: 1}\nq = FakeQuantize(b) ${SIGNED}\ny = Add(q, q)`,
      CARRIED,
    ],
    [
      'rounds spikes that something else reads unrounded',
      `b = Relu(a)\nq = FakeQuantize(b) ${POSITIVE}\nc = Conv(q, w)\ny = Add(c, b)`,
      CARRIED,
    ],
    [
      'rounds the maximum of spikes that something else reads unrounded',
      `b = MaxPool(r) ${POOL}\nq = FakeQuantize(b) ${POSITIVE}\nc = Conv(q, w)\ny = Add(c, b)`,
      CARRIED,
    ],
    ['rounds spikes moved up', `b = Add(r, up)\nq = FakeQuantize(b) ${POSITIVE}\ny = Conv(q, w)`, CARRIED],
    ['rounds an output', `y = FakeQuantize(a) ${SIGNED}`, OUTPUT],
  ])('%s', (_, lines, why) => {
    const graph = graphOf(lines);
    const [[name, found] = ['', '']] = Object.entries(reasons(graph));
    expect(found).toBe(why);
    const kept = keepSpikingQuantizers(graph).graph;
    expect(kept.nodes.map((node) => node.op)).not.toContain('FakeQuantize');
    expect(kept.nodes).toHaveLength(graph.nodes.length - 1);
    expect(name).not.toBe('');
  });

  it('rounds an image that is read by others too, or put out', () => {
    const read = `input x [1, 2]\nq = FakeQuantize(x) ${SIGNED}\ny = Add(q, x)\noutput y`;
    expect(reasons(parseGraph(read) as CanonicalGraph)).toEqual({ q: SHARED });
    const put = `input x [1, 2]\ny = FakeQuantize(x) ${SIGNED}\noutput y\noutput x`;
    expect(reasons(parseGraph(put) as CanonicalGraph)).toEqual({ y: SHARED });
  });

  it('leaves its readers and outputs what it rounded', () => {
    const graph = graphOf(
      `q = FakeQuantize(a) ${SIGNED}\ns = Add(q, r)\ny = FakeQuantize(s) ${SIGNED}`,
      'y q',
    );
    const { graph: kept, fates } = keepSpikingQuantizers(graph);
    expect(printGraph(kept).split('\n').slice(-3)).toEqual(['s = Add(a, r)', 'output s', 'output a']);
    expect(fates.map(({ node, op, kind }) => [node, op, kind])).toEqual([
      ['q', 'FakeQuantize', 'dropped'],
      ['y', 'FakeQuantize', 'dropped'],
    ]);
  });

  it('leaves currents that are currents still: the next quantizer of them becomes spikes', () => {
    const graph = graphOf(
      `q = FakeQuantize(a) ${SIGNED}\ns = Add(q, r)\np = FakeQuantize(s) ${SIGNED}\ny = Conv(p, w)`,
    );
    expect(reasons(graph)).toEqual({ q: UNREAD });
  });

  it('leaves what cannot be negative so: a second quantizer of it is no Relu', () => {
    const graph = graphOf(
      `b = AveragePool(r) ${POOL}\nq = FakeQuantize(b) ${SIGNED}\nc = Mul(q, up)\np = FakeQuantize(c) ${POSITIVE}\ny = Conv(p, w)`,
    );
    expect(reasons(graph)).toEqual({ q: CARRIED, p: CARRIED });
  });

  it('is shown in front of the reason in its fate', () => {
    const [fate] = keepSpikingQuantizers(graphOf(`y = FakeQuantize(a) ${SIGNED}`)).fates;
    expect(fate!.detail).toBe(`int8 -128..127, zero point 0, scale 0.500000: ${OUTPUT}`);
  });
});
