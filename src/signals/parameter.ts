// Parameters of the encoders: what kinds there are, their defaults and bounds, and reading them from text.
import { Ann2SnnError, type Problem, throwIfAny } from '../errors.ts';

export interface NumberParameter {
  readonly kind: 'number';
  readonly summary: string;
  readonly default: number;
  /** Bounds of what is accepted, both included. */
  readonly low: number;
  readonly high: number;
  readonly whole?: true;
  /**
   * Where the optimiser looks. `ofRange`: the bounds are multiples of the feature's maximum - minimum. `only`: where these
   * parameters have these values, since otherwise it changes nothing.
   */
  readonly search?: {
    readonly low: number;
    readonly high: number;
    readonly ofRange?: true;
    readonly only?: Readonly<Record<string, string>>;
  };
}

export interface ChoiceParameter<Choice extends string = string> {
  readonly kind: 'choice';
  readonly summary: string;
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

export interface FlagParameter {
  readonly kind: 'flag';
  readonly summary: string;
  readonly default: boolean;
}

export type Parameter = NumberParameter | ChoiceParameter | FlagParameter;
export type Parameters = Readonly<Record<string, Parameter>>;

type ValueOf<P extends Parameter> = P extends NumberParameter
  ? number
  : P extends FlagParameter
    ? boolean
    : P extends ChoiceParameter<infer Choice>
      ? Choice
      : never;

/** A value for each parameter. */
export type Values<P extends Parameters = Parameters> = { readonly [Name in keyof P]: ValueOf<P[Name]> };

/** Values of some parameters, not checked. */
export type Settings = Readonly<Record<string, unknown>>;

export function defaultsOf(parameters: Parameters): Values {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { default: value }]) => [name, value]),
  ) as Values;
}

/**
 * Completes `given` with defaults.
 * @param where what the messages call the giver
 * @throws Ann2SnnError `invalid-option`, naming every name that is unknown and every value that is not accepted.
 */
export function valuesOf(parameters: Parameters, given: Settings, where: string): Values {
  const problems: Problem[] = Object.entries(given).flatMap(([name, value]) => {
    const message = fault(parameters[name], Object.keys(parameters), value);
    return message === null ? [] : { where: `${where}: ${name}`, message };
  });
  throwIfAny('invalid-option', problems);
  return { ...defaultsOf(parameters), ...given } as Values;
}

/**
 * Reads "name=value" settings.
 * @throws Ann2SnnError `invalid-option`
 */
export function parseSettings(parameters: Parameters, settings: readonly string[]): Settings {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, text] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
      if (name === undefined || text === undefined) {
        const message = `expected name=value, such as ${Object.keys(parameters)[0]}=..., found "${setting}"`;
        throw new Ann2SnnError('invalid-option', { where: '--set', message });
      }
      return [name, parse(parameters[name], text)];
    }),
  );
}

/** Text that is no value of the parameter stays text, which `valuesOf` refuses. */
function parse(parameter: Parameter | undefined, text: string): unknown {
  if (parameter?.kind === 'number' && text.trim() !== '' && !Number.isNaN(Number(text))) return Number(text);
  if (parameter?.kind === 'flag' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function fault(parameter: Parameter | undefined, names: readonly string[], value: unknown): string | null {
  const found = `found ${typeof value === 'string' ? `"${value}"` : String(value)}`;
  switch (parameter?.kind) {
    case undefined:
      return `expected one of the parameters ${names.join(', ')}`;
    case 'number': {
      const { low, high, whole } = parameter;
      const fits = typeof value === 'number' && value >= low && value <= high;
      if (fits && (whole === undefined || Number.isInteger(value))) return null;
      return `expected a ${whole ? 'whole number' : 'number'} from ${low} to ${high}, ${found}`;
    }
    case 'choice':
      return parameter.choices.some((choice) => choice === value)
        ? null
        : `expected one of ${parameter.choices.join(', ')}, ${found}`;
    case 'flag':
      return typeof value === 'boolean' ? null : `expected true or false, ${found}`;
  }
}
