// What no plan can be made for: every node with its reason, all in one error.
import { type Problem, throwIfAny } from '../../errors.ts';
import { type CanonicalGraph, type CanonicalNode, consumersOf, imageShape, opOf } from '../../graph/graph.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { isHead, isQuantizer } from './kinds.ts';

/** What the user can do about a node that spikes cannot compute. */
const KEEP_ANALOG = 'to keep it analog, decoded at the end of its window: --analog';

/**
 * @param outputNames names of the outputs in the file
 * @param analog nodes that the user keeps analog
 * @throws Ann2SnnError `unsupported-operator`, naming every node, output and wish that cannot be planned.
 */
export function refuseUnplannable(
  graph: CanonicalGraph,
  outputNames: readonly string[],
  analog: ReadonlySet<string>,
): void {
  const unknown = [...analog].filter((name) => !graph.nodes.some((node) => node.name === name));
  throwIfAny(
    'unsupported-operator',
    [
      ...unknown.map((name) => ({
        where: `--analog "${name}"`,
        message:
          'expected a node that is computed in the network; this one is folded into others, constant, or not there',
      })),
      ...graph.nodes.flatMap((node) =>
        problemOf(node, analog.has(node.name) ? undefined : whyNot(graph, node)),
      ),
      ...graph.nodes.filter(isQuantizer).flatMap((node) => problemOf(node, scalesOf(graph, node))),
      ...graph.outputs.flatMap((output, i): Problem[] =>
        graph.constants.has(output)
          ? [{ where: `output "${outputNames[i]}"`, message: 'does not depend on the image' }]
          : [],
      ),
    ],
    unknown.length > 0 ? { help: '`inspect` lists the nodes and what becomes of each' } : {},
  );
}

function problemOf(node: CanonicalNode, message: string | undefined): Problem[] {
  return message === undefined ? [] : [{ where: `node "${node.name}" (${node.op})`, message }];
}

/** Why no spikes, currents or neurons can stand for a node. */
function whyNot(graph: CanonicalGraph, node: CanonicalNode): string | undefined {
  if (isHead(node)) return whyNoHead(graph, node);
  if (opOf(node).role === 'analog') {
    return `normalises by statistics of the running data, which no spiking neuron tracks; ${KEEP_ANALOG} "${node.name}"`;
  }
  if (opOf(node).role !== 'weighted') return undefined;
  const runtime = node.inputs.filter((input) => !graph.constants.has(input));
  if (runtime.length === 1 && runtime[0] === node.inputs[0]) return undefined;
  return `expected constant weights, found them computed (${runtime.at(-1)}): spikes carry sums, not products; ${KEEP_ANALOG} "${node.name}"`;
}

/** Why a Softmax cannot be left out, or undefined where it is the last step over all scores of an image. */
function whyNoHead(graph: CanonicalGraph, node: CanonicalNode): string | undefined {
  if (consumersOf(graph).has(node.outputs[0]!)) {
    return `is left out as the last step only; here other nodes read it; ${KEEP_ANALOG} "${node.name}"`;
  }
  const scores = imageShape(graph, node.inputs[0]!);
  const axis = (node.attributes as { readonly axis: number }).axis;
  return scores[axis - 1] === sizeOf(scores)
    ? undefined
    : `is left out over all scores of an image, found it along axis ${axis} of [N, ${scores.join(', ')}]; ${KEEP_ANALOG} "${node.name}"`;
}

function scalesOf(graph: CanonicalGraph, node: CanonicalNode): string | undefined {
  if (!isQuantizer(node)) return undefined;
  const { scale, axis } = node.attributes;
  const ofInput = graph.inputs.includes(node.inputs[0]!);
  if (scale.length === 1 || (axis === 1 && !ofInput)) return undefined;
  const expected = ofInput ? 'one scale for the whole image' : 'scales along the channels, axis 1';
  return `expected ${expected}, found ${scale.length} along axis ${axis}`;
}
