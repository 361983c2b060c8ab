// Weights that are whole numbers, stored as such: a quarter of the bytes of float32, and the same numbers after a Cast.
import { elementCode } from '../onnx/element-types.ts';
import type { GraphSpec, NodeSpec } from '../onnx/write.ts';
import { intAttribute as int } from '../ops/attributes.ts';
import { castTensor, isFloat, type Tensor } from '../tensor/tensor.ts';

/** Below this many elements a Cast takes more bytes than it saves. */
const WORTH_A_CAST = 256;

/** Stores every large initializer of whole numbers as int8 or int16, whichever holds them, and casts it back. */
export function storeWholeNumbers(graph: GraphSpec): GraphSpec {
  const initializers = new Map<string, Tensor>();
  const casts: NodeSpec[] = [];
  for (const [name, value] of graph.initializers) {
    const narrow = narrowest(value);
    if (narrow === null) {
      initializers.set(name, value);
      continue;
    }
    // The weights keep their name; what is computed of them is the cast's.
    initializers.set(name, castTensor(value, narrow));
    casts.push({
      name: '',
      opType: 'Cast',
      domain: '',
      inputs: [name],
      outputs: [castName(name)],
      attributes: new Map([['to', int(elementCode(value.dtype))]]),
    });
  }
  const cast = new Set(casts.map(({ inputs: [name] }) => name));
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (cast.has(name) ? castName(name) : name)),
  }));
  return { ...graph, initializers, nodes: [...casts, ...nodes] };
}

const castName = (name: string) => `snn/float/${name}`;

/** The integer type that holds every element exactly, or null where that is none or not worth it. */
function narrowest({ dtype, data }: Tensor): 'int8' | 'int16' | null {
  if (!isFloat(dtype) || data.length < WORTH_A_CAST) return null;
  let least = 0;
  let most = 0;
  for (const value of data) {
    // An integer has no negative zero.
    if (!Number.isInteger(value) || Object.is(value, -0)) return null;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least >= -(2 ** 7) && most < 2 ** 7) return 'int8';
  return least >= -(2 ** 15) && most < 2 ** 15 ? 'int16' : null;
}
