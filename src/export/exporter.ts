// What an export format must say about itself.
import type { Network } from '../snn/network/network.ts';

/** What of a network is in an exported file. */
export type Fidelity =
  | { readonly kind: 'lossless' }
  | {
      readonly kind: 'approximate';
      /** What is not in the file, or not to the last bit. */
      readonly lost: string;
    };

export interface Exporter {
  /** What `--format` calls it. */
  readonly name: string;
  /** What the file is for, in a few words. */
  readonly summary: string;
  /** How names of its files end, with the dot. */
  readonly ending: string;
  readonly fidelity: Fidelity;
  /** Names of what `--outputs` can choose, where the file is a program that puts something out. */
  readonly outputs?: readonly string[];
  /**
   * The bytes of the file; the same network gives the same bytes.
   * @param outputs a choice of the exporter's `outputs`, its own default where absent
   * @throws Ann2SnnError where the format cannot hold the network
   */
  write(network: Network, outputs?: readonly string[]): Promise<Uint8Array>;
  /** What a user of the file has to know, a line each. */
  notes?(network: Network): readonly string[];
}
