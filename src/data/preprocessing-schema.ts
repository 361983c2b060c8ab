// Preprocessing as it stands in files: calibrations and networks hold the same four fields.
import { z } from 'zod';
import { CHANNEL_ORDERS } from './preprocessing.ts';

export const preprocessingSchema = z.object({
  scale: z.number().positive(),
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  channels: z.enum(CHANNEL_ORDERS),
});
