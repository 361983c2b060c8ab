// Operations of the ANN, counted by hand and against the published rows of CSS Table 4.
import { describe, expect, it } from 'vitest';
import { compute45nm } from '../../src/energy/compute-45nm.ts';
import { energyMj } from '../../src/energy/energy-model.ts';
import { annOperations } from '../../src/metrics/ann-operations.ts';
import { floatTensor, type Shape, sizeOf, type Tensor } from '../../src/tensor/tensor.ts';
import { ints } from '../ops/single-node.ts';
import { graphOf, type Line } from '../snn/tiny.ts';

const PADDED = { pads: ints(1, 1, 1, 1) };
const POOL = { kernel_shape: ints(2, 2), strides: ints(2, 2) };

/** A VGG for 32 x 32 x 3 images: 3 x 3 convolutions with ReLU by their channels, 'M' a max-pool, then one FC. */
function vgg(layers: readonly (number | 'M')[]) {
  const nodes: Line[] = [];
  const constants: Record<string, Tensor> = {};
  let [value, channels] = ['x', 3];
  layers.forEach((layer, i) => {
    if (layer === 'M') {
      nodes.push(['MaxPool', [value], `pool${i}`, POOL]);
      value = `pool${i}`;
      return;
    }
    constants[`w${i}`] = floatTensor([layer, channels, 3, 3]);
    constants[`b${i}`] = floatTensor([layer]);
    nodes.push(['Conv', [value, `w${i}`, `b${i}`], `conv${i}`, PADDED]);
    nodes.push(['Relu', [`conv${i}`], `relu${i}`]);
    [value, channels] = [`relu${i}`, layer];
  });
  nodes.push(['Flatten', [value], 'flat'], ['Gemm', ['flat', 'fc.w', 'fc.b'], 'logits']);
  constants['fc.w'] = floatTensor([512, 10]);
  constants['fc.b'] = floatTensor([10]);
  return graphOf({ input: [3, 32, 32], nodes, constants });
}

// biome-ignore format: one line per stage of the network
const VGG16 = [64, 64, 'M', 128, 128, 'M', 256, 256, 256, 'M', 512, 512, 512, 'M', 512, 512, 512, 'M'] as const;
const VGG11 = [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'] as const;

describe('syops-counter convention', () => {
  it.each([
    // convolutions + their biases + ReLUs + pool inputs + FC (512 x 10 + 10)
    ['VGG-16', VGG16, 313_196_544 + 276_480 + 276_480 + 124_928 + 5_130, 313_879_562, '1.4438'],
    ['VGG-11', VGG11, 152_764_416 + 151_552 + 151_552 + 124_928 + 5_130, 153_197_578, '0.7047'],
  ] as const)('gives %s as in CSS Table 4', (_, layers, sum, published, millijoules) => {
    const { macs, effectiveMacs, syopsCounter } = annOperations(vgg(layers));
    expect(syopsCounter).toBe(published);
    expect(sum).toBe(published);
    expect(energyMj(compute45nm, { macs: syopsCounter, acs: 0 }).toFixed(4)).toBe(millijoules);
    expect(macs).toBe(layers === VGG16 ? 313_196_544 + 5_120 : 152_764_416 + 5_120);
    expect(effectiveMacs, 'every weight is zero').toBe(0);
  });

  it('counts average pools by their input and residual adds not at all', () => {
    const graph = graphOf({
      input: [2, 4, 4],
      nodes: [
        ['Relu', ['x'], 'r'],
        ['Add', ['r', 'x'], 'sum'],
        ['AveragePool', ['sum'], 'mean', POOL],
        ['GlobalAveragePool', ['mean'], 'y'],
      ],
    });
    // ReLU 2*4*4 + pool input 2*4*4 + global pool input 2*2*2
    expect(annOperations(graph).syopsCounter).toBe(32 + 32 + 8);
  });
});

describe('macs and effective macs', () => {
  const ones = (shape: Shape) => floatTensor(shape, new Float32Array(sizeOf(shape)).fill(1));

  it.each([
    // 9 outputs x 9 taps; of 9 x 9 pairs, 4 corners see 4, 4 edges 6, the centre 9: 16 + 24 + 9
    ['3 x 3 padded on 3 x 3', [1, 3, 3], ones([1, 1, 3, 3]), PADDED, 81, 49],
    // stride 2 on 4 x 4 with padding: 4 outputs; windows at -1 and 1 see 2 and 3 rows: (2+3)^2
    ['stride 2', [1, 4, 4], ones([1, 1, 3, 3]), { ...PADDED, strides: ints(2, 2) }, 36, 25],
    // depthwise: 2 channels x 4 outputs x 4 taps, no padding
    ['depthwise', [2, 3, 3], ones([2, 1, 2, 2]), { group: { type: 'int', value: 2 } }, 32, 32],
    // half the weights are zero: 2 of 4 taps at 4 positions
    ['zero weights', [1, 3, 3], floatTensor([1, 1, 2, 2], [1, 0, 0, 2]), {}, 16, 8],
  ] as const)('of a convolution: %s', (_, input, w, attributes, macs, effectiveMacs) => {
    const graph = graphOf({ input, nodes: [['Conv', ['x', 'w'], 'y', attributes]], constants: { w } });
    expect(annOperations(graph)).toEqual({ macs, effectiveMacs, syopsCounter: macs });
  });

  it('of a product of two running values and of a normalisation: one for each element, in both', () => {
    const graph = graphOf({
      input: [2, 3, 3],
      nodes: [
        ['Conv', ['x', 'w'], 'a', { ...PADDED, group: { type: 'int', value: 2 } }],
        ['Mul', ['a', 'x'], 'gated'],
        ['LRN', ['gated'], 'n', { size: { type: 'int', value: 3 } }],
        ['Mul', ['n', 'k'], 'y'],
      ],
      constants: { w: ones([2, 1, 3, 3]), k: ones([2, 1, 1]) },
    });
    // 2 channels of the padded convolution above, 18 products of two values, 18 elements; a constant factor is none
    expect(annOperations(graph)).toMatchObject({ macs: 2 * 81 + 36, effectiveMacs: 2 * 49 + 36 });
  });

  it('of MatMul and Gemm', () => {
    const graph = graphOf({
      input: [4],
      nodes: [
        ['MatMul', ['x', 'w'], 'h'],
        ['Relu', ['h'], 'r'],
        ['Gemm', ['r', 'v', 'b'], 'y'],
      ],
      constants: { w: ones([4, 3]), v: floatTensor([3, 2], [1, 0, 0, 1, 1, 1]), b: ones([2]) },
    });
    // 4*3 + 3*2 products, two of them with a zero weight; + 2 biases + 3 ReLUs
    expect(annOperations(graph)).toEqual({ macs: 18, effectiveMacs: 16, syopsCounter: 18 + 2 + 3 });
  });
});
