// A network without its weights, and the JSON Schema of that.
import { z } from 'zod';
import type { Network } from '../snn/network/network.ts';
import { NETWORK_FORMAT, networkSchema } from '../snn/network/network-schema.ts';
import { DTYPES, type DType } from '../tensor/tensor.ts';

const descriptionSchema = networkSchema.extend({
  tensors: z.record(
    z.string(),
    z.object({
      dtype: z.enum(Object.keys(DTYPES) as [DType, ...DType[]]),
      shape: z.array(z.number().int().nonnegative()),
    }),
  ),
});

/** The fields of a network as a .snn file has them, and `tensors`: element type and shape of each constant by its name. */
export function describeNetwork({ constants, ...rest }: Network): z.infer<typeof descriptionSchema> {
  const tensors = [...constants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { dtype, shape }]) => [name, { dtype, shape }] as const);
  return descriptionSchema.parse({ format: NETWORK_FORMAT, ...rest, tensors: Object.fromEntries(tensors) });
}

/** The JSON Schema that docs/network.schema.json publishes. Fields that it does not name may be there. */
export function descriptionJsonSchema(): object {
  return z.toJSONSchema(descriptionSchema, { io: 'input' });
}
