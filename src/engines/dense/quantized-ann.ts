// The quantized ANN of an integer network run by ONNX Runtime.
import { openSession } from '../../runtime/session.ts';
import { inputEncoders, type Network, neuronLayers } from '../../snn/network/network.ts';
import { quantizedAnnToOnnx } from '../../snn/onnx/quantized-ann-to-onnx.ts';
import { type FloatTensor, floatTensor } from '../../tensor/tensor.ts';
import { encodedIntegers } from '../reference/quantized-ann.ts';

/** A quantized ANN made ready to run. */
export interface CompiledAnn {
  /** The integers of every neuron layer, in units of theta: [images, ...shape], by layer. */
  run(images: FloatTensor): Promise<ReadonlyMap<string, Float32Array>>;
  release(): Promise<void>;
}

/** Opens the quantized ANN of an integer network; reference/quantized-ann.ts computes the same, readably. */
export async function compileQuantizedAnn(network: Network): Promise<CompiledAnn> {
  const session = await openSession(quantizedAnnToOnnx(network), { where: 'quantized ANN' });
  return {
    async run(images) {
      const integers = encodedIntegers(network, inputEncoders(network)[0]!, images.data);
      const input = floatTensor(images.shape, Float32Array.from(integers));
      const outputs = await session.run(new Map([[session.inputNames[0]!, input]]));
      return new Map(
        neuronLayers(network).map(({ name, output }) => [name, outputs.get(output)!.data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}
