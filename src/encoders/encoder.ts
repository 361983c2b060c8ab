// How an analog input becomes ternary spikes. All encoders share one recursion and differ in what drives it.

/**
 * Encoder of one analog value a into T ternary spikes of amplitude theta, in the units of a:
 *   u[0] = initial * a;   u[t] = beta * u[t-1] + current * a - theta * s[t],
 *   s[t] = +1 where u >= theta/2, -1 where u <= -theta/2 before the subtraction, else 0.
 * There is no silent period and the threshold is theta/2 whatever fraction the layers use.
 */
export interface Encoder<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  drive(T: number, beta: number): { readonly initial: number; readonly current: number };
}

/** Keeps the literal name. */
export function defineEncoder<const Name extends string>(encoder: Encoder<Name>): Encoder<Name> {
  return encoder;
}
