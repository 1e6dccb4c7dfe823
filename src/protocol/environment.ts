import { z } from 'zod';

/** One environment variable: how its text is read, and what to tell someone whose value is refused. */
export interface Variable<Value> {
  readonly schema: z.ZodType<Value, string | undefined>;
  /** Completes "… is not allowed: use ". */
  readonly allowed: string;
  /** Whether the error that refuses a value leaves the value out. */
  readonly secret?: boolean;
}

type Values<Variables> = {
  readonly [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};

/** Names every refused variable, its value (null: a secret) and what is allowed: one start shows all that is wrong. */
export class EnvironmentError extends Error {
  readonly code = 'ENVIRONMENT';

  constructor(
    readonly refused: readonly { readonly name: string; readonly value: string | null; readonly allowed: string }[],
  ) {
    super(
      refused
        .map(({ name, value, allowed }) => {
          if (value === '') return `${name} is not set: use ${allowed}.`;
          return `${value === null ? `The value of ${name}` : `${name}=${value}`} is not allowed: use ${allowed}.`;
        })
        .join('\n'),
    );
    this.name = 'EnvironmentError';
  }
}

/** Reads variables by name; an empty one counts as not set. Throws EnvironmentError. */
export function readVariables<Variables extends Readonly<Record<string, Variable<unknown>>>>(
  variables: Variables,
  source: Readonly<Record<string, string | undefined>>,
): Values<Variables> {
  const read = Object.entries(variables).map(([name, { schema, allowed, secret }]) => {
    const value = source[name] === '' ? undefined : source[name];
    const shown = secret && value !== undefined ? null : (value ?? '');
    return { name, shown, allowed, parsed: schema.safeParse(value) };
  });
  const refused = read.filter(({ parsed }) => !parsed.success);
  if (refused.length > 0) {
    throw new EnvironmentError(refused.map(({ name, shown, allowed }) => ({ name, value: shown, allowed })));
  }
  return Object.fromEntries(read.map(({ name, parsed }) => [name, parsed.data])) as Values<Variables>;
}

/** A whole number within bounds, written in decimal digits only. */
export function wholeNumber(min: number, max: number, otherwise: number): Variable<number> {
  const schema = z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .prefault(String(otherwise));
  return { schema, allowed: `a whole number from ${min} to ${max} (default ${otherwise})` };
}

export function oneOf<const Options extends readonly [string, ...string[]]>(
  options: Options,
  otherwise: Options[number],
): Variable<Options[number]> {
  const schema = z.enum([...options]).prefault(otherwise) as z.ZodType<Options[number], string | undefined>;
  return { schema, allowed: `one of ${options.join(', ')} (default ${otherwise})` };
}

/** A `postgres://` URL. */
export const postgresUrl = z.string().regex(/^postgres(ql)?:\/\/.+/);

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const engineTargets = ['auto', 'cpu', 'webgpu', 'cuda', 'tensorflow'] as const;
