// The .snn file: safetensors layout, constants as tensors, everything else as one JSON string in the metadata.
// docs/format.md describes every field. Loading needs neither the ONNX file nor the calibration set.
import { Ann2SnnError, messageOf, throwIfAny } from '../../errors.ts';
import { parseJson } from '../../json.ts';
import { checkedBy } from '../../schema.ts';
import { readSafetensors, writeSafetensors } from '../../tensor/safetensors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { problemsOf } from './check-network.ts';
import type { Network } from './network.ts';
import { requireNodes } from './network-nodes.ts';
import { NETWORK_FORMAT, networkSchema } from './network-schema.ts';

/** The key of the network's JSON in the safetensors metadata. */
const METADATA_KEY = 'network';

/** Writes a network; the same network gives the same bytes. */
export function writeNetwork(network: Network): Uint8Array {
  const metadata = { [METADATA_KEY]: networkJson(network) };
  return writeSafetensors({ tensors: network.constants, metadata });
}

/** A network but for its constants, as JSON text. */
export function networkJson({ constants: _, ...rest }: Network): string {
  // Through the schema, which puts fields into one order, however the network was made.
  return JSON.stringify(networkSchema.parse({ format: NETWORK_FORMAT, ...rest }));
}

/**
 * Reads a network and checks that it hangs together: every source exists, every shape follows from the nodes
 * before it, every window starts when its sources do.
 * @throws Ann2SnnError `invalid-network` naming every field or node that is wrong.
 */
export function readNetwork(bytes: Uint8Array, where: string): Network {
  const { tensors, metadata } = readSafetensors(bytes, where);
  return networkOf(metadata[METADATA_KEY], tensors, where);
}

/** The network of a JSON text and its constants, checked. @throws Ann2SnnError `invalid-network` */
export function networkOf(
  text: string | undefined,
  constants: ReadonlyMap<string, Tensor>,
  where: string,
): Network {
  const json = networkText(text, where);
  expectVersion(json, where);
  if (typeof json === 'object' && json !== null && 'nodes' in json && Array.isArray(json.nodes)) {
    requireNodes(json.nodes, where);
  }
  const { format: _, ...content } = checkedBy(networkSchema, json, {
    code: 'invalid-network',
    where,
    root: 'network',
  });
  // Attributes are checked by the operators themselves when shapes are inferred below.
  const network = { ...content, constants } as unknown as Network;
  throwIfAny('invalid-network', problemsOf(network, where));
  return network;
}

function networkText(text: string | undefined, where: string): unknown {
  if (text === undefined) {
    throw new Ann2SnnError('invalid-network', { where, message: 'expected a network, found tensors only' });
  }
  try {
    return parseJson(text);
  } catch (error) {
    const message = `expected the network to be JSON (${messageOf(error)})`;
    throw new Ann2SnnError('invalid-network', { where, message });
  }
}

/** What a file of another version is told, before its other fields are found wrong. */
function expectVersion(json: unknown, where: string): void {
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  const version = typeof format === 'string' ? /^ann2snn-network\/(\d+)$/.exec(format)?.[1] : undefined;
  if (version === undefined || format === NETWORK_FORMAT) return;
  const older = Number(version) < Number(NETWORK_FORMAT.split('/')[1]);
  throw new Ann2SnnError(
    'invalid-network',
    { where: `${where}: format`, message: `expected ${NETWORK_FORMAT}, found ${format}` },
    { help: older ? 'convert the model again' : 'a newer ann2snn wrote it; install that' },
  );
}
