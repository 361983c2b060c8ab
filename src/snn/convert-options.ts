// What a conversion is given besides the plan.
import type { Amplitudes, LayerOverrides } from './check-conversion.ts';
import type { Coding } from './coding.ts';
import type { Network } from './network.ts';

export interface ConvertOptions {
  readonly coding: Coding;
  readonly amplitudes: Amplitudes;
  readonly preprocessing: Network['preprocessing'];
  readonly annOperations: Network['annOperations'];
  readonly provenance: Network['provenance'];
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
}
