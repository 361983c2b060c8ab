// What an export format must say about itself.
import type { Network } from '../snn/network/network.ts';

/** What of a network is in an exported file. */
export type Fidelity =
  | { readonly kind: 'lossless' }
  | {
      readonly kind: 'approximate';
      /** What is not in the file, or not to the last bit, to be read behind "left out: ". */
      readonly lost: string;
    };

/** What a caller may choose, where the exporter has the choice. */
export interface ExportOptions {
  /** A choice of the exporter's `outputs`, its own default where absent. */
  readonly outputs?: readonly string[];
  /** Every time step written out, without a loop. */
  readonly unroll?: boolean;
}

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
  /** Whether `--unroll` can be asked for. */
  readonly unrolls?: true;
  /**
   * The bytes of the file; the same network gives the same bytes.
   * @param options what the exporter has a choice of; the rest is ignored
   * @throws Ann2SnnError where the format cannot hold the network
   */
  write(network: Network, options?: ExportOptions): Promise<Uint8Array>;
  /** What a user of the file has to know, a line each. */
  notes?(network: Network): readonly string[];
}
