// The list of encoders.
import { byName } from '../registry.ts';
import { analog } from './analog.ts';
import { constantCurrent } from './constant-current.ts';
import { css } from './css.ts';
import type { Encoder } from './encoder.ts';
import { rate } from './rate.ts';

export const encoders = [css, constantCurrent, rate, analog] as const satisfies readonly Encoder[];

export type EncoderName = (typeof encoders)[number]['name'];

/** The encoder of that name. Throws `unknown-name`. */
export function encoderNamed(name: string): Encoder<EncoderName> {
  return byName<Encoder<EncoderName>>('encoder', encoders, name);
}
