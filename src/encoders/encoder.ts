// How an analog input enters the network. Encoders that spike share one recursion and differ in what drives it.

/**
 * Encoder of one analog value a into T ternary spikes of amplitude theta, in the units of a:
 *   u[0] = initial * a;   u[t] = growth * u[t-1] + current * a - theta * s[t],
 *   s[t] = +1 where u >= theta/2, -1 where u <= -theta/2 before the subtraction, else 0.
 * There is no silent period and the threshold is theta/2 whatever fraction the layers use.
 */
export interface SpikingEncoder<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  readonly spikes: true;
  drive(T: number, beta: number): Drive;
}

/** What drives the recursion. `growth` is beta where an encoder keeps to the weights of its spikes. */
export interface Drive {
  readonly initial: number;
  readonly current: number;
  readonly growth: number;
}

/**
 * No spikes: the value itself enters at the first step and nothing after it. Every step multiplies by beta, so it is
 * carried in units of a beta^-(T-1).
 */
export interface DirectEncoder<Name extends string = string> {
  readonly name: Name;
  readonly summary: string;
  readonly spikes: false;
}

export type Encoder<Name extends string = string> = SpikingEncoder<Name> | DirectEncoder<Name>;

/** Keeps the literal name, and whether it spikes. */
export function defineEncoder<const E extends Encoder>(encoder: E): E {
  return encoder;
}
