// What a conversion is given besides the plan.

import type { Coding } from '../network/coding.ts';
import type { Network } from '../network/network.ts';
import type { Amplitudes, LayerOverrides } from './check-conversion.ts';

export interface ConvertOptions {
  readonly coding: Coding;
  readonly amplitudes: Amplitudes;
  readonly preprocessing: Network['preprocessing'];
  readonly annOperations: Network['annOperations'];
  readonly provenance: Network['provenance'];
  readonly layers?: ReadonlyMap<string, LayerOverrides>;
  /** Whether neurons of an integer network use what is known of their later input (look-ahead.ts). */
  readonly lookAhead?: boolean;
}
