// Whether a node of a NIR graph and what comes into it fit.
import { type Shape, sameShape, showShape, sizeOf } from '../../tensor/tensor.ts';
import type { NirPrimitive } from '../graph.ts';
import { windowOf } from './linear-map.ts';

/** What does not fit about what comes in, or null. */
export function misfit(node: NirPrimitive, input: Shape): string | null {
  const expected = (shape: string) => `expected ${shape} to come in, found ${showShape(input)}`;
  switch (node.type) {
    case 'Affine':
    case 'Linear': {
      const { shape } = node.weight;
      if (shape.length !== 2) return `expected a weight of two axes, found ${showShape(shape)}`;
      if ('bias' in node && node.bias.data.length !== shape[0])
        return `expected a bias of ${shape[0]} numbers, found ${node.bias.data.length}`;
      return sameShape(input, [shape[1]!]) ? null : expected(showShape([shape[1]!]));
    }
    case 'Conv2d': {
      const { weight, bias, groups, input_shape: size, stride, padding, dilation } = node;
      if (weight.shape.length !== 4)
        return `expected a weight of four axes, found ${showShape(weight.shape)}`;
      if (groups < 1 || weight.shape[0]! % groups !== 0)
        return `expected groups that divide ${weight.shape[0]} channels, found ${groups}`;
      if (bias.data.length !== weight.shape[0])
        return `expected a bias of ${weight.shape[0]} numbers, found ${bias.data.length}`;
      const channels = weight.shape[1]! * groups;
      if (input.length !== 3 || input[0] !== channels) return expected(`[${channels}, H, W]`);
      if (size !== undefined && !sameShape(size, input.slice(1)))
        return expected(`[${channels}, ${size.join(', ')}]`);
      if (padding === 'same' && Math.max(...stride) > 1)
        return `expected a stride of 1 with "same" padding, found ${stride.join(', ')}`;
      return windowProblem(input, {
        kernel: [weight.shape[2]!, weight.shape[3]!],
        stride,
        padding,
        dilation,
      });
    }
    case 'SumPool2d':
    case 'AvgPool2d':
      if (input.length !== 3) return expected('[C, H, W]');
      return windowProblem(input, { ...node, kernel: node.kernel_size });
    case 'Flatten':
      if (!sameShape(node.input_type, input)) return expected(showShape(node.input_type));
      return flattened(node, input) === null
        ? `expected axes within ${showShape(input)}, found ${node.start_dim} to ${node.end_dim}`
        : null;
    case 'Scale': {
      const { length } = node.scale.data;
      return [1, input[0], sizeOf(input)].includes(length)
        ? null
        : `expected one scale, one for each channel or for each element of ${showShape(input)}, found ${length}`;
    }
    case 'Output':
      return sameShape(node.shape, input) ? null : expected(showShape(node.shape));
    case 'Threshold':
      return parameterProblem({ threshold: node.threshold.data.length }, input);
    case 'I':
    case 'LI':
    case 'IF':
    case 'LIF': {
      if ('tau' in node && !node.tau.data.every((tau) => tau > 0))
        return 'expected tau above 0, found another';
      const { type, metadata, ...fields } = node;
      const lengths = Object.entries(fields).map(([field, value]) => [field, value.data.length] as const);
      return parameterProblem(Object.fromEntries(lengths), input);
    }
    default:
      return null;
  }
}

function parameterProblem(lengths: Readonly<Record<string, number>>, input: Shape): string | null {
  const wrong = Object.entries(lengths).filter(([, length]) => length !== sizeOf(input));
  if (wrong.length === 0) return null;
  const found = wrong.map(([field, length]) => `${length} of ${field}`).join(', ');
  return `expected a number for each of the ${sizeOf(input)} neurons of ${showShape(input)}, found ${found}`;
}

function windowProblem(input: Shape, node: Parameters<typeof windowOf>[1]): string | null {
  const numbers = [...node.stride, ...(node.dilation ?? []), ...node.kernel];
  if (!numbers.every((n) => n > 0)) return 'expected strides, dilations and kernels from 1 on, found 0';
  return windowOf(input, node).size.every((n) => n > 0)
    ? null
    : `expected a kernel within ${showShape(input)}, found a larger one`;
}

/** The shape behind a Flatten; null where its axes are none. */
export function flattened(
  { start_dim, end_dim }: { readonly start_dim: number; readonly end_dim: number },
  input: Shape,
): Shape | null {
  const end = end_dim < 0 ? input.length + end_dim : end_dim;
  if (!(start_dim >= 0 && start_dim <= end && end < input.length)) return null;
  return [...input.slice(0, start_dim), sizeOf(input.slice(start_dim, end + 1)), ...input.slice(end + 1)];
}
