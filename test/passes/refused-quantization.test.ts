// Quantized integers that cannot be read as the numbers they stand for: all of them, by the names of their nodes.
import { describe, expect, it } from 'vitest';
import { runPasses } from '../../src/passes/normalise.ts';
import { parseGraph } from './graph-text.ts';
import { refusalOf } from './refusal.ts';

const problemsOf = async (text: string) => {
  const refusal = await refusalOf(() => runPasses(parseGraph(text)));
  expect(refusal.code).toBe('unsupported-type');
  return refusal.problems.map(({ where, message }) => `${where}: ${message}`);
};

describe('integers between quantizers', () => {
  it('are refused where both do not agree, however they were moved', async () => {
    expect(
      await problemsOf(`
input x [1, 2, 2]
q = QuantizeLinear(x, 0.5, 3:uint8)
t = Transpose(q) {perm: [0, 2, 1]}
scale = DequantizeLinear(t, 0.25, 3:uint8)
zero = DequantizeLinear(q, 0.5, 4:uint8)
right = DequantizeLinear(t, 0.5, 3:uint8)
a = Add(scale, right)
y = Add(a, zero)
output y`),
    ).toEqual([
      'node "scale" (DequantizeLinear): expected values quantized by uint8, scale 0.25, zero point 3, found uint8, scale 0.5, zero point 3 of quantizer "q"',
      'node "zero" (DequantizeLinear): expected values quantized by uint8, scale 0.5, zero point 4, found uint8, scale 0.5, zero point 3 of quantizer "q"',
    ]);
  });

  it('are refused where branches are joined that do not agree', async () => {
    expect(
      await problemsOf(`
input x [1, 2]
const k uint8 [1, 2] = 1, 2
p = QuantizeLinear(x, 0.5, 3:uint8)
q = QuantizeLinear(x, 0.25, 3:uint8)
two = Concat(p, q) {axis: 1}
constant = Concat(p, k) {axis: 1}
a = DequantizeLinear(two, 0.5, 3:uint8)
b = DequantizeLinear(constant, 0.5, 3:uint8)
y = Add(a, b)
output y`),
    ).toEqual([
      'node "two" (Concat): expected operands of one quantization, found uint8, scale 0.5, zero point 3 ("p") and uint8, scale 0.25, zero point 3 ("q")',
      'node "constant" (Concat): expected operands that all come from a quantizer as one does from "p", found "k"',
    ]);
  });

  it('are refused where they are padded with another number than their zero point', async () => {
    expect(
      await problemsOf(`
input x [1, 2]
q = QuantizeLinear(x, 0.5, 3:uint8)
pad = Pad(q, [0, 1, 0, 1])
y = DequantizeLinear(pad, 0.5, 3:uint8)
output y`),
    ).toEqual([
      'node "pad" (Pad): expected padding with the zero point of quantizer "q", 3, which stands for 0; found 0',
    ]);
  });

  it('are refused where they are calculated with', async () => {
    expect(
      await problemsOf(`
input x [1, 2]
q = QuantizeLinear(x, 0.5, 3:uint8)
sum = Add(q, q)
y = DequantizeLinear(sum, 0.5, 3:uint8)
output y`),
    ).toEqual(['node "sum" (Add): expected a DequantizeLinear between quantizer "q" and Add, found none']);
  });

  it('are refused where channels have scales of their own and are moved, or zero points of their own', async () => {
    expect(
      await problemsOf(`
input x [1, 2, 2]
q = QuantizeLinear(x, [0.5, 0.25]:float32, [3, 3]:uint8)
t = Transpose(q) {perm: [0, 2, 1]}
z = QuantizeLinear(x, [0.5, 0.25]:float32, [3, 4]:uint8)
a = DequantizeLinear(t, [0.5, 0.25]:float32, [3, 3]:uint8)
b = DequantizeLinear(z, [0.5, 0.25]:float32, [3, 4]:uint8)
y = Add(a, b)
output y`),
    ).toEqual(['node "t" (Transpose): expected one scale of what it moves, found 2 of quantizer "q"']);
    expect(
      await problemsOf(`
input x [1, 2, 2]
z = QuantizeLinear(x, [0.5, 0.25]:float32, [3, 4]:uint8)
y = DequantizeLinear(z, [0.5, 0.25]:float32, [3, 4]:uint8)
output y`),
    ).toEqual([
      'node "z" (QuantizeLinear): expected one zero point for all channels, found uint8, 2 scales 0.25 to 0.5 along axis 1, 2 zero points 3 to 4 along axis 1',
    ]);
  });

  it('are refused as inputs and outputs of the graph', async () => {
    expect(
      await problemsOf(`
input q uint8 [1, 2]
y = DequantizeLinear(q, 0.5, 3:uint8)
output y`),
    ).toEqual([
      'node "y" (DequantizeLinear): expected values quantized in the graph (uint8, scale 0.5, zero point 3), found "q" (uint8) that no quantizer made',
    ]);
    expect(
      await problemsOf(`
input x [1, 2]
q = QuantizeLinear(x, 0.5, 3:uint8)
y = Reshape(q, [2, 1])
output y`),
    ).toEqual([
      'output "y": expected floating point numbers, found uint8 of quantizer "q": a DequantizeLinear should follow',
    ]);
  });
});

describe('products of integers', () => {
  it('are refused where no quantizer made their operand, or another', async () => {
    expect(
      await problemsOf(`
input x [1, 2]
input i uint8 [1, 2]
const w int8 [2, 2] = 1, 2, 3, 4
q = QuantizeLinear(x, 0.5, 3:uint8)
a = MatMulInteger(i, w)
b = MatMulInteger(q, w, 4:uint8)
f = Cast(a) {to: 1}
g = Cast(b) {to: 1}
y = Add(f, g)
output y`),
    ).toEqual([
      'node "a" (MatMulInteger): expected values quantized in the graph, found "i" (uint8) that no quantizer made',
      'node "b" (MatMulInteger): expected values of one scale and of zero point 4, found uint8, scale 0.5, zero point 3 of quantizer "q"',
    ]);
  });

  it('are refused where integers of a scale that depends on the image are padded or put out', async () => {
    expect(
      await problemsOf(`
input x [1, 2]
const w int8 [4, 2] = 1, 2, 3, 4, 5, 6, 7, 8
q, s, z = DynamicQuantizeLinear(x)
pad = Pad(q, [0, 1, 0, 1])
a = MatMulInteger(pad, w, z)
r = Reshape(a, [2, 1])
y = Cast(a) {to: 1}
output y
output q
output r`),
    ).toEqual([
      'node "pad" (Pad): expected padding of floating point numbers, found it of integers whose zero point depends on the image',
      'output "q": expected floating point numbers, found the integers of a dynamically quantized product',
      'output "r": expected floating point numbers, found the integers of a dynamically quantized product',
    ]);
  });
});
