// Which layers can have their currents from ONNX Runtime without changing a spike.
import { currentBounds } from '../../snn/network/current-bounds.ts';
import type { Network } from '../../snn/network/network.ts';
import { FLOAT32_EXACT } from '../../snn/onnx/exact-product.ts';
import { membraneNodes } from './membrane-nodes.ts';

/**
 * Keys of the layers that may be dense: all of a float32 network, and of an integer network those whose sums at one step
 * float32 holds exactly.
 */
export function denseLayers(network: Network): ReadonlySet<string> {
  const bounds = network.arithmetic === 'integer' ? currentBounds(network) : null;
  const exact = (value: string) => bounds === null || bounds.get(value)! < FLOAT32_EXACT;
  return new Set(
    [...membraneNodes(network)].flatMap(([key, { sources }]) =>
      sources.every(({ value }) => exact(value)) ? [key] : [],
    ),
  );
}
