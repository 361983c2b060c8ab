// What an evaluation reads from the file that a network was converted from.
import { Ann2SnnError } from '../errors.ts';
import { isFourBit } from '../onnx/four-bit.ts';
import type { LoadedModel } from '../onnx/load.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { type Network, neuronLayers, type ReadoutNode, readouts } from '../snn/network/network.ts';

/** The value of the file that each output decodes: the output, or what its last Softmax reads. */
export function decodedValuesOf(network: Network, model: OnnxModel): ReadonlyMap<ReadoutNode, string> {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  return new Map(
    readouts(network).flatMap((readout) => {
      if (readout.head === 'none') return [[readout, readout.name] as const];
      // Whatever stands behind the head does nothing: passes have taken it out.
      let node = producers.get(readout.name);
      while (node !== undefined && !/^(Log)?Softmax$/.test(node.opType))
        node = producers.get(node.inputs[0]!);
      return node === undefined ? [] : [[readout, node.inputs[0]!] as const];
    }),
  );
}

/** The values of the file that layers carry and that it knows under their names. */
export function layerValuesOf(network: Network, model: OnnxModel): string[] {
  const inFile = new Set(model.nodes.flatMap((node) => node.outputs));
  const wanted = new Set(neuronLayers(network).map((node) => node.annValue));
  return [...wanted].filter((value) => inFile.has(value) && !isFourBit(model, value));
}

/** Figures of another file than the network's own would look like what the conversion cost. */
export function checkOriginal(network: Network, ann: LoadedModel | undefined): void {
  const { file, sha256 } = network.provenance.model;
  if (ann === undefined || ann.sha256 === sha256) return;
  throw new Ann2SnnError('invalid-option', {
    where: ann.path,
    message: `expected the file that the network was converted from (${file}, SHA-256 ${sha256}), found another (SHA-256 ${ann.sha256})`,
  });
}
