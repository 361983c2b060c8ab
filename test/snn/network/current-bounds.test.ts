// How large whole numbers can get: by hand, reached where they can be, and never exceeded by a run.
import { describe, expect, it } from 'vitest';
import { reference } from '../../../src/engines/reference/index.ts';
import type { CanonicalGraph } from '../../../src/graph/graph.ts';
import { opNamed } from '../../../src/ops/index.ts';
import { bitsFor, currentBounds, membraneBound } from '../../../src/snn/network/current-bounds.ts';
import { type Network, neuronLayers, readouts, spikingLayers } from '../../../src/snn/network/network.ts';
import { type FloatTensor, floatTensor, type Tensor, tensor } from '../../../src/tensor/tensor.ts';
import { parseGraph } from '../../passes/graph-text.ts';
import { quantizedNetwork } from '../quantized-network.ts';
import { randomQuantizedGraph } from '../random-quantized-graph.ts';

const fq = (scale: number) =>
  `{scale: [${scale}], axis: 1, type: "uint8", zeroPoint: 0, low: 0, high: 255, absorbed: ["relu"]}`;
const onGrid = 'on {scale: [1], axis: 0, low: -127, high: 127}';

/** Two 2 x 2 convolutions, the second behind a mean of 4 currents. */
const network = quantizedNetwork(
  parseGraph(`
input x [1, 2, 2, 2]
q = FakeQuantize(x) ${fq(1)}
const w [3, 2, 1, 1] = 3, -4, 1, 1, 0, 0 ${onGrid}
a = Conv(q, w)
r = FakeQuantize(a) ${fq(2)}
const v [1, 3, 1, 1] = 5, -6, 7 ${onGrid}
b = Conv(r, v)
m = AveragePool(b) {kernel_shape: [2, 2]}
y = Reshape(m, [-1, 1])
output y`) as CanonicalGraph,
).network({ Ts: 2 });

describe('bounds of a network of a few weights', () => {
  const bounds = currentBounds(network);
  const layer = neuronLayers(network)[0]!;

  it('are 1 for spikes, the largest row of magnitudes for weights, and multiply along currents', () => {
    expect(bounds.get('q')).toBe(1);
    expect(bounds.get('a')).toBe(3 + 4);
    expect(bounds.get('r')).toBe(1);
    expect(bounds.get('b')).toBe(5 + 6 + 7);
    // The mean is a sum of 4 currents, and a layout changes nothing.
    const behind = network.nodes.filter((node) => node.kind === 'linear').slice(2);
    expect(behind.map((node) => bounds.get(node.output))).toEqual(behind.map(() => 4 * 18));
  });

  it('of a membrane are those of T steps of current and Ts of silence', () => {
    expect(membraneBound(network, layer, bounds)).toBe(7 * 255 * 2 ** 2);
    expect(membraneBound(network, readouts(network)[0]!, bounds)).toBe(72 * 255);
  });

  it('are the largest of several sources', () => {
    const sources = [{ value: 'a', delaySteps: 0 }, ...layer.sources, { value: 'b', delaySteps: 0 }];
    expect(membraneBound(network, { ...layer, sources }, bounds)).toBe(18 * 255 * 4);
  });

  it('are reached by an image whose spikes all have the sign of their weights', async () => {
    const positive = quantizedNetwork(
      parseGraph(`
input x [1, 2, 1, 1]
q = FakeQuantize(x) ${fq(1)}
const w [1, 2, 1, 1] = 3, 4 ${onGrid}
a = Conv(q, w)
r = FakeQuantize(a) ${fq(8)}
y = Reshape(r, [-1, 1])
output y`) as CanonicalGraph,
    ).network({ Ts: 7 });
    const images = floatTensor([1, 2, 1, 1], [255, 255]);
    const { layers } = await (await reference.compile(positive)).run(images, { states: true });
    const [reached] = neuronLayers(positive);
    expect(layers.get('r')!.membranes).toEqual([7 * 255 * 2 ** 7]);
    expect(membraneBound(positive, reached!, currentBounds(positive))).toBe(7 * 255 * 2 ** 7);
  });
});

describe('bitsFor', () => {
  it.each([
    [0, 1],
    [1, 2],
    [3, 3],
    [4, 4],
    [127, 8],
    [128, 9],
    [2 ** 31 - 1, 32],
    [2 ** 31, 33],
  ])('of %d is %d', (bound, bits) => {
    expect(bitsFor(bound)).toBe(bits);
  });
});

/** The largest |current| of every linear node over all steps of a run, from its spikes, in float64. */
function largestCurrents(
  net: Network,
  spikes: ReadonlyMap<string, Int8Array>,
  images: number,
): Map<string, number> {
  const largest = new Map<string, number>();
  for (let t = 0; t < net.coding.T; t++) {
    const values = new Map<string, Tensor>();
    for (const node of spikingLayers(net)) {
      const train = spikes.get(node.name)!;
      const size = train.length / net.coding.T;
      const step = Float64Array.from(train.subarray(t * size, (t + 1) * size));
      values.set(node.output, tensor('float64', [images, ...node.shape], step));
    }
    for (const node of net.nodes) {
      if (node.kind !== 'linear') continue;
      const operands = node.sources.map((source) => {
        if ('value' in source) return values.get(source.value)!;
        const { shape, data } = net.constants.get(source.constant)!;
        return tensor('float64', shape, Float64Array.from(data));
      });
      const [value] = opNamed(node.op)!.evaluate(node.attributes, operands);
      values.set(node.output, value!);
      const most = Math.max(...Array.from(value!.data, Math.abs));
      largest.set(node.output, Math.max(largest.get(node.output) ?? 0, most));
    }
  }
  return largest;
}

describe('a run of a random integer network', () => {
  it('never exceeds a bound', async () => {
    let [currents, membranes] = [0, 0];
    let closest = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const { graph, images } = randomQuantizedGraph(seed, seed % 2 === 0);
      const quantized = quantizedNetwork(graph);
      if (quantized.network().arithmetic === 'float32') continue;
      // What reaches furthest: pixels at the ends of their grid.
      const full = floatTensor(
        images.shape,
        images.data.map((x) => Math.sign(x) * 100),
      ) as FloatTensor;
      for (const input of [images, full]) {
        const net = quantized.network({ Ts: quantized.network().coding.T - 1 });
        const bounds = currentBounds(net);
        const { layers } = await (await reference.compile(net)).run(input, { spikes: true, states: true });
        const spikes = new Map([...layers].map(([name, layer]) => [name, layer.spikes!]));
        for (const [value, largest] of largestCurrents(net, spikes, input.shape[0]!)) {
          expect(largest, `seed ${seed}, current "${value}"`).toBeLessThanOrEqual(bounds.get(value)!);
          currents++;
        }
        for (const node of neuronLayers(net)) {
          layers.get(node.name)!.membranes!.forEach((seen, k) => {
            const bound = membraneBound(net, { ...node, sources: [node.sources[k]!] }, bounds);
            expect(seen, `seed ${seed}, "${node.name}" source ${k}`).toBeLessThanOrEqual(bound);
            closest = Math.max(closest, seen / bound);
            membranes++;
          });
        }
      }
    }
    expect(currents).toBeGreaterThan(300);
    expect(membranes).toBeGreaterThan(300);
    expect(closest).toBeGreaterThan(0.5);
  });
});
