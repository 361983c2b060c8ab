// docs/support.md is made from the lists: `npx vitest run test/docs/support.test.ts --update` writes it anew.
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { neurons } from '../../src/neurons/index.ts';
import { NEWEST_OPSET, OLDEST_OPSET } from '../../src/onnx/read-opsets.ts';
import {
  activationOps,
  analogOps,
  domainOf,
  foldedOps,
  headOps,
  linearOps,
  loweredOps,
  opNamed,
  ops,
  poolOps,
  qLinearOps,
} from '../../src/ops/index.ts';
import type { Op } from '../../src/ops/op.ts';
import { REASONS } from '../../src/ops/refusals.ts';
import { backendCaseNames, backendCasesPresent, readBackendModel } from '../ops/backend-case.ts';
import { LEFT_OUT_CASES } from '../passes/left-out-cases.ts';
import { NEEDS_SHARED } from '../shared.ts';

/** Made by passes, in no file. */
const NO_OPERATOR_OF_ONNX: ReadonlySet<string> = new Set(['FakeQuantize', 'GeluTanh', 'Silu']);

const SECTIONS: readonly (readonly [title: string, list: readonly Op[]])[] = [
  ['Connections', linearOps],
  ['Neurons', [...activationOps, ...poolOps]],
  ['The last step', headOps],
  ['On decoded values, where the user says so', analogOps],
  ['Rewritten as others', loweredOps.filter((op) => !isIn(op, qLinearOps) && !isIn(op, foldedOps))],
  ['On integers', qLinearOps],
  ['On constants only', foldedOps],
];

function isIn(op: Op, list: readonly Op[]): boolean {
  return list.some(({ name }) => name === op.name);
}

/** How many stored cases hold each operator, of those that are run. */
function casesByOperator(): ReadonlyMap<string, number> {
  const leftOut = new Set(Object.values(LEFT_OUT_CASES).flat());
  const counts = new Map<string, number>();
  for (const name of backendCaseNames().filter((each) => !leftOut.has(each))) {
    for (const op of new Set(readBackendModel(name).nodes.map(({ opType }) => opType))) {
      counts.set(op, (counts.get(op) ?? 0) + 1);
    }
  }
  return counts;
}

function opsetsOf({ name, since, until }: Op): string {
  if (domainOf(name) !== '') return domainOf(name);
  return `${Math.max(since ?? OLDEST_OPSET, OLDEST_OPSET)} to ${until ?? NEWEST_OPSET}`;
}

function neuronOf({ name }: Op): string {
  const found = neurons.find(({ operators }) => (operators as readonly string[]).includes(name));
  return found === undefined ? '' : `\`${found.name}\``;
}

function testedOf({ name }: Op, cases: ReadonlyMap<string, number>): string {
  const count = cases.get(name) ?? 0;
  return `ONNX Runtime${count === 0 ? '' : `, ${count} case${count === 1 ? '' : 's'} of ONNX`}`;
}

function page(): string {
  const cases = casesByOperator();
  const section = ([title, list]: (typeof SECTIONS)[number]) => {
    const rows = list
      .filter(({ name }) => !NO_OPERATOR_OF_ONNX.has(name))
      .map(
        (op) => `| ${op.name} | ${opsetsOf(op)} | ${op.fate} | ${neuronOf(op)} | ${testedOf(op, cases)} |`,
      );
    return `## ${title}\n\n| operator | opsets | in the spiking network | neuron | tested against |\n|---|---|---|---|---|\n${rows.join('\n')}`;
  };
  const refused = Object.entries(REASONS)
    .filter(([name]) => opNamed(name) === undefined)
    .map(([name, reason]) => `| ${name} | ${reason} |`);
  return [
    '# Operators',
    `Made from the lists in \`src/ops/index.ts\` and \`src/neurons/index.ts\` by \`npx vitest run test/docs/support.test.ts
--update\`. Opsets are those of the standard domain, or the domain itself. Every operator is compared with ONNX Runtime in
\`test/ops\`; cases of ONNX are single-operator models with stored outputs of the ONNX project, which pass in plain
TypeScript and, rewritten by every pass and written back, in ONNX Runtime.
\`npx vitest run test/ops/backend-cases.test.ts test/passes/backend-cases.test.ts --reporter=verbose\` lists each case,
and each that is left out with its reason.`,
    ...SECTIONS.map(section),
    '## Refused by name\n\nAny operator that is in no table is refused. These are refused with a reason of their own:\n\n| operator | reason |\n|---|---|',
  ]
    .join('\n\n')
    .concat(`\n${refused.join('\n')}\n`);
}

describe.skipIf(!backendCasesPresent)(`docs/support.md ${NEEDS_SHARED}`, () => {
  it('lists every operator', () => {
    const listed = SECTIONS.flatMap(([, list]) => list.map(({ name }) => name));
    const hidden = ops.map(({ name }) => name as string).filter((name) => NO_OPERATOR_OF_ONNX.has(name));
    expect([...new Set([...listed, ...hidden])].toSorted()).toEqual(ops.map(({ name }) => name).toSorted());
  });

  it('is what the lists say', async () => {
    await expect(page()).toMatchFileSnapshot(
      fileURLToPath(new URL('../../docs/support.md', import.meta.url)),
    );
  });
});
