import type { Network } from '../snn/network/network.ts';
import type { Exporter } from './exporter.ts';

/** The network as a graph of the Neuromorphic Intermediate Representation: rate-coded IF neurons with its weights. */
export const nir: Exporter = {
  name: 'nir',
  summary: 'NIR graph in HDF5, for neuromorphic tools',
  ending: '.nir',
  fidelity: {
    kind: 'approximate',
    lost: 'the code (populations are IF neurons that code by rates with a hard reset) and what NIR cannot say (T, beta, Ts, phi, theta, delays, negative spikes, bounds), which is metadata that other tools ignore',
  },
  async write(network) {
    const { writeNir } = await import('../nir/write-nir.ts');
    const { nirGraphOf } = await import('./nir-graph.ts');
    return writeNir(nirGraphOf(network));
  },
  notes(network) {
    return [
      'inputs are normalised images; the mean of the output over the steps is the output of the ANN',
      "NIR's IF has a hard reset, which loses what is above the threshold: reset by subtraction where the simulator can (docs/format.md, section 12.5)",
      ...(network.arithmetic === 'integer'
        ? [
            'weights are the whole numbers of the network as float32; a Scale behind them has the unit of each current',
          ]
        : []),
      ...grouped(network),
    ];
  },
};

function grouped({ nodes, constants }: Network): string[] {
  const found = nodes.flatMap((node) => {
    if (node.kind !== 'linear' || node.op !== 'Conv') return [];
    const { group } = node.attributes as { readonly group: number };
    const weight = node.sources.find((source) => 'constant' in source)!;
    const { data } = constants.get((weight as { readonly constant: string }).constant)!;
    return group > 1 && !data.every((value) => value === 1) ? [node.name] : [];
  });
  if (found.length === 0) return [];
  const names =
    found.length > 3 ? `${found.slice(0, 3).join(', ')} and ${found.length - 3} more` : found.join(', ');
  return [
    `convolutions with groups: read it with nir.read(path, type_check=False), whose check is wrong for them (${names})`,
  ];
}
