/**
 * A piece of a statement: SQL text from the source code, with values as parameters between. Only the tag `sql` creates
 * one, so input can become a parameter, but never SQL text.
 */
export class Sql {
  /** @param strings the text before, between and after the values: one more than values */
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly unknown[],
  ) {}
}

/**
 * In sql`status = ANY(${statuses}::text[])` an interpolated value becomes a parameter, and an interpolated piece
 * becomes part of the text.
 */
export function sql(strings: readonly string[], ...values: readonly unknown[]): Sql {
  const texts: string[] = [strings[0] ?? ''];
  const parameters: unknown[] = [];
  const append = (text: string): void => {
    texts.push((texts.pop() ?? '') + text);
  };
  values.forEach((value, i) => {
    if (value instanceof Sql) {
      append(value.strings[0] ?? '');
      texts.push(...value.strings.slice(1));
      parameters.push(...value.values);
    } else {
      parameters.push(value);
      texts.push('');
    }
    append(strings[i + 1] ?? '');
  });
  return new Sql(texts, parameters);
}

/** Text from the source code, such as a list's columns. Never input. */
export function sourceText(text: string): Sql {
  return new Sql([text], []);
}

/**
 * A whole number as text of the statement, for LIMIT: a plan that is made for any parameters takes a LIMIT that it does
 * not know for a tenth of all rows, and reads the table.
 */
export function wholeNumber(number: number): Sql {
  if (!Number.isSafeInteger(number)) throw new RangeError(`${number} is no whole number.`);
  return new Sql([String(number)], []);
}

export function joinSql(pieces: readonly Sql[], separator: ' AND ' | ' OR ' | ', '): Sql {
  return pieces.reduce(
    (all, piece, i) => (i === 0 ? piece : sql`${all}${sourceText(separator)}${piece}`),
    sourceText(''),
  );
}

/** The statement for the driver, with parameters numbered from $1. */
export function toStatement({ strings, values }: Sql): {
  readonly text: string;
  readonly parameters: readonly unknown[];
} {
  return { text: strings.reduce((text, next, i) => `${text}$${i}${next}`), parameters: values };
}
