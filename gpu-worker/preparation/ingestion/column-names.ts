import { type InputProblem, problem } from '../../../src/problems/problem.js';
import { isSystemColumn } from '../../../src/protocol/dataset-layout.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';

export const maxColumns = 1000;
export const maxNameLength = 200;
const maxProblemsTold = 20;

/** Problems of a file's column names; empty when the names can be used. */
export function checkColumnNames(names: readonly string[], path: readonly string[]): InputProblem[] {
  if (names.length > maxColumns) return [tooManyColumns(path)];
  const firstOf = new Map<string, number>();
  const problems = names.flatMap((name, index) => {
    const found = checkName(name, index, path);
    if (found !== null) return [found];
    // SQL does not distinguish names by case.
    const key = name.toLowerCase();
    const first = firstOf.get(key);
    if (first === undefined) {
      firstOf.set(key, index);
      return [];
    }
    const message = `Columns ${first + 1} and ${index + 1} have the same name, “${names[first]}”.`;
    return [
      problem(
        path,
        'INVALID_COLUMN_NAME',
        message,
        'Give each column a different name; names that differ only in case count as equal.',
      ),
    ];
  });
  return problems.slice(0, maxProblemsTold);
}

/**
 * Names the columns that have no name by their place, as `column1`: pandas and R write row numbers without a name. When
 * more than half have none, it is hardly a header, and they stay unnamed.
 */
export function nameUnnamed(names: readonly string[]): {
  readonly names: readonly string[];
  readonly notices: FileNotice[];
} {
  const unnamed = names.flatMap((name, index) => (name.trim() === '' ? [index] : []));
  if (unnamed.length === 0 || unnamed.length > names.length / 2) return { names, notices: [] };
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const named = [...names];
  for (const index of unnamed) {
    let name = `column${index + 1}`;
    for (let i = 2; taken.has(name); i++) name = `column${index + 1}_${i}`;
    taken.add(name);
    named[index] = name;
  }
  const notices = unnamed.slice(0, maxProblemsTold).map((index): FileNotice => {
    const hint =
      index === 0
        ? 'pandas and R write row numbers so; `index=False` or `row.names=FALSE` leaves them out.'
        : 'Is there a delimiter too many?';
    return {
      code: 'UNNAMED_COLUMN',
      message: `Column ${index + 1} has no name, and was named “${named[index]}”. ${hint}`,
    };
  });
  return { names: named, notices };
}

export function tooManyColumns(path: readonly string[]): InputProblem {
  return problem(
    path,
    'INVALID_FILE',
    `The file has more than ${maxColumns} columns.`,
    'Leave some columns out. In a CSV or TSV file, check the delimiter.',
  );
}

function checkName(name: string, index: number, path: readonly string[]): InputProblem | null {
  const invalid = (message: string, hint: string) => problem(path, 'INVALID_COLUMN_NAME', message, hint);
  if (name.trim() === '') {
    return invalid(
      `Column ${index + 1} has no name.`,
      'The first line must name every column; is there a trailing delimiter?',
    );
  }
  if (name.length > maxNameLength) {
    return invalid(
      `The name of column ${index + 1} is longer than ${maxNameLength} characters.`,
      'The first line must name the columns: does the file begin with data?',
    );
  }
  if (hasControlCharacter(name)) {
    return invalid(
      `The name of column ${index + 1} has a line end or another control character.`,
      'Rename the column.',
    );
  }
  if (isSystemColumn(name)) {
    return invalid(`The name “${name}” of column ${index + 1} is reserved.`, 'Rename the column.');
  }
  return null;
}

function hasControlCharacter(name: string): boolean {
  return [...name].some((character) => character < ' ' || character === '\u007f');
}
