// The JSON export, and the schema of it that is published.
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../../src/export/json.ts';
import { descriptionJsonSchema } from '../../src/export/network-description.ts';
import type { Network } from '../../src/snn/network/network.ts';
import { writeNetwork } from '../../src/snn/network/network-file.ts';
import { readSafetensors } from '../../src/tensor/safetensors.ts';
import { dyadicNetwork } from '../engines/dyadic-network.ts';
import { quantizedNetwork } from '../snn/quantized-network.ts';
import { randomQuantizedGraph } from '../snn/random-quantized-graph.ts';

const PUBLISHED = new URL('../../docs/network.schema.json', import.meta.url);
const networks = [1, 2, 3, 4, 5].flatMap((seed) => [
  dyadicNetwork(seed).network,
  quantizedNetwork(randomQuantizedGraph(seed, false).graph).network({ lookAhead: true }),
]);

const exported = async (network: Network) =>
  JSON.parse(new TextDecoder().decode(await json.write(network))) as Record<string, unknown>;

describe('docs/network.schema.json', () => {
  it('is up to date (UPDATE_SCHEMA=1 writes it)', async () => {
    const schema = `${JSON.stringify(descriptionJsonSchema(), null, 2)}\n`;
    if (process.env.UPDATE_SCHEMA === '1') await writeFile(PUBLISHED, schema);
    expect(await readFile(PUBLISHED, 'utf8')).toBe(schema);
  });

  it('holds of every export, and not of others', async () => {
    const published = JSON.parse(await readFile(PUBLISHED, 'utf8')) as Parameters<typeof z.fromJSONSchema>[0];
    const schema = z.fromJSONSchema(published);
    for (const network of networks) {
      const description = await exported(network);
      expect(schema.safeParse(description).error).toBeUndefined();
      expect(schema.safeParse({ ...description, format: 'ann2snn-network/1' }).success).toBe(false);
      expect(schema.safeParse({ ...description, tensors: { w: {} } }).success).toBe(false);
      expect(schema.safeParse({ ...description, nodes: [{ kind: 'lif' }] }).success).toBe(false);
    }
  });
});

it('holds the JSON of the .snn file, and the types and shapes of its tensors', async () => {
  for (const network of networks) {
    const { tensors, ...rest } = await exported(network);
    expect(rest).toEqual(JSON.parse(readSafetensors(writeNetwork(network), 'f').metadata.network!));
    expect(tensors).toEqual(
      Object.fromEntries([...network.constants].map(([name, { dtype, shape }]) => [name, { dtype, shape }])),
    );
  }
});
