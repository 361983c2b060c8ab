// The spiking network as a standard ONNX model with the interface of the ANN: its inputs and outputs by their names.
import { inputEncoders, type Network, readouts } from '../snn/network/network.ts';
import type { Exporter } from './exporter.ts';

export const onnx: Exporter = {
  name: 'onnx',
  summary: 'a standard ONNX model, run by any ONNX Runtime',
  ending: '.onnx',
  fidelity: {
    kind: 'approximate',
    lost: 'counts of operations and whatever else reading it back would take, and the scale of membranes, which are those of the network times beta^-t. Spikes and logits are those of the network where sums are exact (integer networks); elsewhere single spikes depend on the order in which a runtime sums',
  },
  outputs: ['logits', 'steps', 'counts', 'spikes'],
  unrolls: true,
  async write(network, { outputs = ['logits'], unroll = false } = {}) {
    const { spikingModel } = await import('./spiking-model.ts');
    return spikingModel(network, { outputs, unroll });
  },
  notes: (network) => [
    ...inputEncoders(network).map(
      ({ name, shape }) =>
        `input "${name}": float32 [N, ${shape.join(', ')}], normalised images: ${formula(network)}`,
    ),
    ...readouts(network).map(({ name, shape, head }) => {
      const left = head === 'none' ? '' : `, without the ANN's ${head}`;
      return `output "${name}": float32 [N, ${shape.join(', ')}], decoded after the last step${left}`;
    }),
  ],
};

function formula({ preprocessing: { scale, mean, std, channels } }: Network): string {
  return `(pixel / ${scale} - [${mean.join(', ')}]) / [${std.join(', ')}], channels ${channels}`;
}
