// Which operator sets a model imports, and whether the standard one is within our reach.
import { Ann2SnnError } from '../errors.ts';
import type { DecodedModel } from './decode.ts';
import { numberOf } from './int64.ts';

const OLDEST_OPSET = 6;
const NEWEST_OPSET = 21;

/** The standard domain under its one name: 'ai.onnx' is ''. */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/**
 * The imported operator sets by domain. The standard one may only be missing where no node needs it.
 * @throws Ann2SnnError `unsupported-opset`.
 */
export function readOpsets(model: DecodedModel, where: string): ReadonlyMap<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    const key = canonicalDomain(domain);
    const known = opsets.get(key);
    const value = numberOf(version);
    if (known !== undefined && known !== value) {
      refuse(where, `expected one version of domain "${key}", found ${known} and ${value}`);
    }
    opsets.set(key, value);
  }
  const standard = opsets.get('');
  const supported = `expected standard opset ${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  if (standard === undefined) {
    const needed = model.graph.node.some((node) => canonicalDomain(node.domain) === '');
    if (needed) refuse(where, `${supported}, found no import of it`);
  } else if (standard < OLDEST_OPSET || standard > NEWEST_OPSET) {
    refuse(where, `${supported}, found opset ${standard}`);
  }
  return opsets;
}

function refuse(where: string, message: string): never {
  const help = `export the model again, or convert it with onnx.version_converter, to opset ${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  throw new Ann2SnnError('unsupported-opset', { where, message }, { help });
}
