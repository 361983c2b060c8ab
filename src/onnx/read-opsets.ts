// Which operator sets a model imports, and whether the standard one is within our reach.
import { Ann2SnnError } from '../errors.ts';
import type { DecodedModel } from './decode.ts';
import { numberOf } from './int64.ts';
import { UNCHANGED_OPERATORS } from './unchanged-operators.ts';

export const OLDEST_OPSET = 6;
export const NEWEST_OPSET = 21;

/** The standard domain under its one name: 'ai.onnx' is ''. */
export function canonicalDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

/**
 * The imported operator sets by domain. The standard one may only be missing where no node needs it, and be older than
 * `OLDEST_OPSET` where no node has changed since.
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
    const changed = standard >= 1 && standard < OLDEST_OPSET ? changedOperators(model) : undefined;
    if (changed === undefined) refuse(where, `${supported}, found opset ${standard}`);
    if (changed.length > 0) {
      refuse(where, `${supported}, found opset ${standard} with ${changed.join(', ')}, changed since then`);
    }
  }
  return opsets;
}

/** The standard operators of a model that may mean something else today than in the first operator sets. */
function changedOperators(model: DecodedModel): string[] {
  const standard = model.graph.node.filter((node) => canonicalDomain(node.domain) === '');
  return [...new Set(standard.map((node) => node.opType))].filter((op) => !UNCHANGED_OPERATORS.has(op));
}

function refuse(where: string, message: string): never {
  const help = `export the model again, or convert it with onnx.version_converter, to opset ${OLDEST_OPSET} to ${NEWEST_OPSET}`;
  throw new Ann2SnnError('unsupported-opset', { where, message }, { help });
}
