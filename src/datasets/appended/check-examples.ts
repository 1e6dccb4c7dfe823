import { splitName } from '../../preparation/split-names.js';
import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { isSystemColumn } from '../../protocol/dataset-layout.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import { appendedSplitKey } from '../../protocol/preparation/prepare-job.js';
import type { AppendedExampleInput } from './append-examples.input.js';
import { valueOfColumn } from './value-of-column.js';

/** How many examples one call may append. */
export const maxExamplesPerCall = 1_000;
/** Of one example as JSON. */
export const maxExampleBytes = 2 ** 20;
const maxNameLength = 200;
/** So many problems are told; whoever sends a thousand wrong rows learns nothing from the rest. */
const maxProblems = 20;

/** An example as it is kept. */
export interface KeptExample {
  readonly split: string | null;
  /** An object of JSON. */
  readonly json: string;
  readonly bytes: number;
}

/** What examples are compared with; null: the dataset has no version, and they may have any columns and splits. */
type LatestVersion = {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly splits: readonly { readonly name: string }[];
} | null;

/** Whether columns and splits may be unknown. */
interface Allowed {
  readonly allowNewColumns: boolean;
  readonly allowNewSplits: boolean;
}

/**
 * Examples as they are kept, after checks of each value against its column.
 * @throws ProblemsError with the first 20 problems, whose paths begin at `examples`
 */
export function checkExamples(
  examples: readonly AppendedExampleInput[],
  latest: LatestVersion,
  allowed: Allowed,
): readonly KeptExample[] {
  if (examples.length === 0 || examples.length > maxExamplesPerCall) {
    const message = `One call appends 1 to ${maxExamplesPerCall} examples, not ${examples.length}.`;
    throw new ProblemsError([problem(['examples'], examples.length === 0 ? 'REQUIRED' : 'TOO_LONG', message)]);
  }
  const check = checkOf(latest, allowed);
  const problems: InputProblem[] = [];
  const kept: KeptExample[] = [];
  for (const [i, example] of examples.entries()) {
    const path = ['examples', String(i)];
    const found = check(example, path);
    if (Array.isArray(found)) problems.push(...(found as InputProblem[]));
    else kept.push(found as KeptExample);
    if (problems.length >= maxProblems) break;
  }
  if (problems.length > 0) throw new ProblemsError(problems.slice(0, maxProblems));
  return kept;
}

function checkOf(latest: LatestVersion, { allowNewColumns, allowNewSplits }: Allowed) {
  const splits = latest === null || allowNewSplits ? null : latest.splits.map(({ name }) => name);
  const types = new Map(latest?.columns.map(({ name, type }) => [name, type]));
  const names = [...types.keys()];
  const folded = new Map(names.map((name) => [name.toLowerCase(), name]));

  return ({ values, split }: AppendedExampleInput, path: readonly string[]): KeptExample | readonly InputProblem[] => {
    const problems: InputProblem[] = [];
    if (split != null) problems.push(...wrongSplit(split, [...path, 'split']));
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      const message = 'The values of an example are an object: column name → value.';
      return [...problems, problem([...path, 'values'], 'INVALID_VALUE', message)];
    }
    const entries: string[] = [];
    for (const [name, value] of Object.entries(values)) {
      const at = [...path, 'values', name];
      const wrong = types.has(name) ? null : unknownColumn(name, at);
      if (wrong !== null) problems.push(wrong);
      if (wrong !== null || value === null) continue;
      const checked = valueOfColumn(value, types.get(name) ?? null);
      if ('json' in checked) entries.push(`${JSON.stringify(name)}:${checked.json}`);
      else {
        const code = types.has(name) ? 'WRONG_COLUMN_TYPE' : 'INVALID_VALUE';
        problems.push(problem(at, code, `“${name}” ${checked.wrong}.`, checked.hint));
      }
    }
    if (problems.length > 0) return problems;
    if (entries.length === 0) {
      return [problem([...path, 'values'], 'INVALID_VALUE', 'The example has no value.', 'Leave it out.')];
    }
    const json = `{${entries.join(',')}}`;
    const bytes = Buffer.byteLength(json);
    if (bytes <= maxExampleBytes) return { split: split ?? null, json, bytes };
    const message = `An example has at most ${maxExampleBytes} bytes as JSON; this one has ${bytes}.`;
    return [problem([...path, 'values'], 'TOO_LONG', message, 'Upload larger rows as a file.')];
  };

  function wrongSplit(split: string, at: readonly string[]): InputProblem[] {
    if (!splitName.test(split)) {
      const hint = 'Use letters, digits, _ and -.';
      return [problem(at, 'INVALID_VALUE', `“${split}” cannot name a split.`, hint)];
    }
    if (splits === null || splits.includes(split)) return [];
    const hint = `${namesHint(split, splits)} \`allowNewSplits\` takes others, too.`;
    return [problem(at, 'UNKNOWN_SPLIT', `The dataset's latest version has no split “${split}”.`, hint)];
  }

  function unknownColumn(name: string, at: readonly string[]): InputProblem | null {
    const same = folded.get(name.toLowerCase());
    if (same !== undefined) {
      const message = `“${name}” differs from the column “${same}” only in case.`;
      return problem(at, 'UNKNOWN_COLUMN', message, `Did you mean “${same}”?`);
    }
    if (latest !== null && !allowNewColumns) {
      const hint = `${namesHint(name, names)} \`allowNewColumns\` takes others, too.`;
      return problem(at, 'UNKNOWN_COLUMN', `The dataset's latest version has no column “${name}”.`, hint);
    }
    if (name.trim() === '' || name.length > maxNameLength || /\p{Cc}/u.test(name)) {
      const message = `The name of a column has 1 to ${maxNameLength} characters, and no control characters.`;
      return problem(at, 'INVALID_COLUMN_NAME', message);
    }
    if (!isSystemColumn(name) && !name.toLowerCase().startsWith(appendedSplitKey)) return null;
    return problem(at, 'INVALID_COLUMN_NAME', `The name “${name}” is reserved.`, 'Choose another name.');
  }
}
