// What the graph of a NIR export should compute: the ANN in ONNX Runtime, quantizers as bounds that do not round.
import type { CanonicalGraph, Graph } from '../../src/graph/graph.ts';
import { graphToOnnx } from '../../src/graph/to-onnx.ts';
import { readOnnx } from '../../src/onnx/read.ts';
import { writeOnnx } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/session.ts';
import { keepSpikingQuantizers } from '../../src/snn/plan/spiking-quantizers.ts';
import type { FloatTensor } from '../../src/tensor/tensor.ts';

/**
 * The output of a canonical graph of one input. Weights stay on their grids; of the quantizers those whose tensors become
 * spikes keep their bounds, and none rounds.
 */
export async function annWithoutRounding(graph: CanonicalGraph, images: FloatTensor): Promise<Float32Array> {
  const session = await openSession(unrounded(keepSpikingQuantizers(graph).graph), { where: 'ann.onnx' });
  const answers = await session.run(new Map([[session.inputNames[0]!, images]]));
  await session.release();
  return answers.get(session.outputNames[0]!)!.data as Float32Array;
}

/** ONNX writes a quantizer as Div, Round, Clip, Mul; canonical graphs have no Round of their own. */
function unrounded(graph: Graph): Uint8Array {
  const model = readOnnx(graphToOnnx(graph, { freeBatch: true }), { where: 'ann.onnx' });
  const nodes = model.nodes.map((node) => (node.opType === 'Round' ? { ...node, opType: 'Identity' } : node));
  return writeOnnx({ ...model, nodes });
}
