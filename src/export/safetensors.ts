import type { Exporter } from './exporter.ts';

/** The .snn file under the name that other readers of the layout expect. */
export const safetensors: Exporter = {
  name: 'safetensors',
  summary: 'the .snn file under another name',
  ending: '.safetensors',
  fidelity: { kind: 'lossless' },
  async write(network) {
    const { writeNetwork } = await import('../snn/network/network-file.ts');
    return writeNetwork(network);
  },
};
