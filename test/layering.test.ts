// Data flows one way: a folder imports only what stands before it in one list, types included.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** The folders and top-level files of src/, lowest first. */
const ORDER = [
  'errors.ts',
  'json.ts',
  'registry.ts',
  'progress.ts',
  'schema.ts',
  'tool.ts',
  'files.ts',
  'tensor',
  'nir',
  'data',
  'onnx',
  'ops',
  'graph',
  'passes',
  'runtime',
  'encoders',
  'neurons',
  'calibration',
  'snn',
  'export',
  'engines',
  'energy',
  'transfer',
  'signals',
  'metrics',
  'tuning',
  'codings',
  'pipeline.ts',
  'conversion-job.ts',
  'transfer-job.ts',
  'predict.ts',
  'trace.ts',
  'plots',
  'report',
  'workers',
  'sweep',
  'evaluate.ts',
  'tune-job.ts',
  'curves-file.ts',
  'report-subject.ts',
  'report-job.ts',
  'compare.ts',
  'coding-figures.ts',
  'index.ts',
  'cli',
] as const;

/** Packages that only one folder may import. */
const WALLED: Readonly<Record<string, string>> = {
  protobufjs: 'onnx',
  'onnxruntime-node': 'runtime',
  commander: 'cli',
  mathjs: 'cli',
  sharp: 'data',
  piscina: 'workers',
  h5wasm: 'nir',
};

interface Import {
  /** The importing file, relative to src/. */
  readonly from: string;
  /** What it imports: a file relative to src/, or a package as written. */
  readonly to: string;
  readonly isPackage: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|js)$/.test(file))
  .map((file) => file.split(sep).join('/'))
  .sort();

/** Source without comments, so that prose about imports is none. */
function codeOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** Static, type-only and dynamic imports, and re-exports. */
function importsOf(file: string): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^import\s+)['"]([^'"]+)['"]/gm;
  return [...codeOf(file).matchAll(pattern)].map(([, target]) => {
    const isPackage = !target!.startsWith('.');
    const to = isPackage
      ? target!
      : relative(SRC, join(SRC, dirname(file), target!))
          .split(sep)
          .join('/');
    return { from: file, to, isPackage };
  });
}

const imports = files.flatMap(importsOf);
const internal = imports.filter(({ isPackage }) => !isPackage);
const layerOf = (file: string) => file.split('/')[0]!;
const show = ({ from, to }: Import) => `${from} -> ${to}`;

describe('layers', () => {
  it('are all in the list, each once', () => {
    expect([...new Set(files.map(layerOf))].sort()).toEqual([...ORDER].sort());
    expect(internal.length).toBeGreaterThan(200);
  });

  it('import files that exist', () => {
    expect(internal.filter(({ to }) => !files.includes(to)).map(show)).toEqual([]);
  });

  it('import downwards only', () => {
    const level = new Map<string, number>(ORDER.map((layer, i) => [layer, i]));
    const upward = internal.filter(({ from, to }) => level.get(layerOf(to))! > level.get(layerOf(from))!);
    expect(upward.map(show)).toEqual([]);
  });
});

describe('files', () => {
  it('import each other in no circle, not even within a folder', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const { from, to } of internal) if (from === file) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('walls', () => {
  it.each(Object.entries(WALLED))('%s is imported from %s only', (name, layer) => {
    const users = imports.filter(
      ({ to, isPackage }) => isPackage && (to === name || to.startsWith(`${name}/`)),
    );
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter(({ from }) => layerOf(from) !== layer).map(show)).toEqual([]);
  });

  it('only cli touches process and console', () => {
    const users = files.filter(
      (file) => layerOf(file) !== 'cli' && /\b(process|console)\s*[.[]/.test(codeOf(file)),
    );
    expect(users).toEqual([]);
    expect(imports.filter(({ to }) => /^(node:)?(process|console)$/.test(to)).map(show)).toEqual([]);
  });
});
