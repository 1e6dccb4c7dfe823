import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import type { SelectionPlan } from './field-plan.js';

/**
 * An object or list of the answer, on the way from a value in it to the root. It has the form of graphql-js's paths, so
 * that it is one.
 */
export class Holder {
  /** Whether the answer has null here, or above, because of an error: what comes below it counts no more. */
  isGone = false;

  /**
   * @param above what holds it at `at` of its values; null: it is the root
   * @param key its field's name in the answer, or its index
   * @param typename of the object with the field; undefined for items
   * @param values JSON texts of leaves, null, lists of the same, and objects: of an object, in its selection's order
   */
  constructor(
    readonly above: Holder | null,
    readonly at: number,
    readonly key: string | number,
    readonly typename: string | undefined,
    readonly isNullable: boolean,
    readonly isList: boolean,
    readonly values: unknown[],
  ) {}

  get prev(): Holder | undefined {
    return this.above === null || this.above.above === null ? undefined : this.above;
  }

  /** Its path, and that of a value in it. */
  pathTo(key: string | number): (string | number)[] {
    const keys = [key];
    for (let at: Holder = this; at.above !== null; at = at.above) keys.push(at.key);
    return keys.reverse();
  }
}

/** An object of the answer. */
export class AnswerObject extends Holder {
  constructor(
    above: Holder | null,
    at: number,
    key: string | number,
    typename: string | undefined,
    isNullable: boolean,
    readonly selection: SelectionPlan,
  ) {
    super(above, at, key, typename, isNullable, false, new Array(selection.length).fill(null));
  }
}

/** An answer's data as JSON. Whoever wants an object of it gets one by `toJSON`, as JSON.stringify does. */
export class AnswerText {
  readonly [name: string]: unknown;

  constructor(readonly text: string) {}

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/** The answer of an operation, before its errors are masked. */
export interface Answer {
  readonly errors?: readonly GraphQLError[];
  readonly data: AnswerText | null;
}

/** JSON of a value as a Holder has it. */
export function jsonOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof AnswerObject) {
    const { selection, values } = value;
    let text = '{';
    for (let i = 0; i < selection.length; i += 1) {
      const own = values[i];
      text += selection[i]!.prefix;
      text += typeof own === 'string' ? own : jsonOf(own);
    }
    return `${text}}`;
  }
  if (!Array.isArray(value)) return 'null';
  let text = '[';
  for (let i = 0; i < value.length; i += 1) {
    if (i > 0) text += ',';
    text += jsonOf(value[i]);
  }
  return `${text}]`;
}

/** An answer as JSON, whose data may be text. */
export function answerJson(answer: FormattedExecutionResult): string {
  const { data, ...rest } = answer;
  if (!(data instanceof AnswerText)) return JSON.stringify(answer);
  // Errors come first, extensions last, as the other answers have them.
  const { errors, extensions } = rest;
  const before = errors === undefined ? '' : `"errors":${JSON.stringify(errors)},`;
  const after = extensions === undefined ? '' : `,"extensions":${JSON.stringify(extensions)}`;
  return `{${before}"data":${data.text}${after}}`;
}
