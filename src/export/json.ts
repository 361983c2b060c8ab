import type { Exporter } from './exporter.ts';

/** Everything but the numbers of the tensors, for people and scripts. */
export const json: Exporter = {
  name: 'json',
  summary: 'the network without its weights, as text',
  ending: '.json',
  fidelity: {
    kind: 'approximate',
    lost: 'the elements of all tensors (weights, biases, scales and parameters), not their names, types and shapes',
  },
  async write(network) {
    const { describeNetwork } = await import('./network-description.ts');
    return new TextEncoder().encode(`${JSON.stringify(describeNetwork(network), null, 2)}\n`);
  },
};
