// Neurons without negative spikes: no kernel decides one side alone.
import { throwIfAny } from '../../errors.ts';
import { type Network, neuronLayers } from '../../snn/network/network.ts';

/** Whether the engine has a kernel for every layer. */
export function walkable(network: Network): boolean {
  return oneSided(network).length === 0;
}

/** Throws `invalid-network` naming every layer whose neurons emit no negative spikes. */
export function refuseOneSided(network: Network): void {
  throwIfAny(
    'invalid-network',
    oneSided(network).map(({ name }) => ({
      where: `layer "${name}"`,
      message: 'expected neurons with negative spikes, found some without',
    })),
    { help: 'such networks run with --engine dense, reference or auto' },
  );
}

function oneSided(network: Network) {
  return neuronLayers(network).filter(({ negativeSpikes }) => negativeSpikes === false);
}
