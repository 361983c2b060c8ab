import type { Exporter } from './exporter.ts';

/** The same content as arrays with names that read: `numpy.load` is all that is needed. */
export const npz: Exporter = {
  name: 'npz',
  summary: 'named arrays for NumPy',
  ending: '.npz',
  fidelity: { kind: 'lossless' },
  async write(network) {
    const { writeNetworkNpz } = await import('../snn/network/network-npz.ts');
    return writeNetworkNpz(network);
  },
};
