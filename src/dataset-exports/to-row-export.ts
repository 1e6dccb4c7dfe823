import { checkColumnType } from '../datasets/check-columns.js';
import { checkForm } from '../datasets/conversations/check-form.js';
import { toConversationForm } from '../datasets/conversations/conversation-form.input.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { ConversationForm } from '../protocol/conversation-form.js';
import { isSystemColumn } from '../protocol/dataset-layout.js';
import { columnTypes } from '../protocol/datasets/column-type.js';
import type { RowExport } from '../protocol/preparation/row-export.js';
import type { DatasetExportFormat, ExportDatasetVersionInput, PreferenceColumns } from './dataset-export.input.js';

/** The options that a format has; the others are refused. */
const optionsOf = {
  CSV: ['columns', 'splitColumn', 'guardFormulas'],
  JSONL: ['columns', 'splitColumn'],
  PARQUET: ['columns', 'splitColumn'],
  MESSAGES: ['conversations'],
  SHARE_GPT: ['conversations'],
  ALPACA: ['conversations'],
  PROMPT_COMPLETION: ['conversations'],
  PREFERENCE: ['preference'],
} as const satisfies Readonly<Record<DatasetExportFormat, readonly (keyof ExportDatasetVersionInput)[]>>;

const options = ['columns', 'splitColumn', 'guardFormulas', 'conversations', 'preference'] as const;
const maxNameLength = 200;

/** What rows for language models are taken from, where the client does not say it. Null: nothing shows it. */
export interface FoundForms {
  conversations(): Promise<ConversationForm | null>;
  preference(): Promise<PreferenceColumns | null>;
}

/**
 * What is to be written, as the worker takes it.
 * @throws ProblemsError with all that is wrong
 */
export async function toRowExport(
  input: ExportDatasetVersionInput,
  version: DatasetVersionRow,
  found: FoundForms,
): Promise<RowExport> {
  const { format } = input;
  const problems: InputProblem[] = [...checkOptions(input), ...checkSplits(input, version)];
  const splits = input.splits ?? null;
  const request = await requestOf();
  if (problems.length > 0 || request === null) throw new ProblemsError(problems);
  return request;

  async function requestOf(): Promise<RowExport | null> {
    switch (format) {
      case 'CSV':
      case 'JSONL':
      case 'PARQUET': {
        problems.push(...checkTable(input, version));
        const table = { splits, columns: input.columns ?? null, splitColumn: input.splitColumn ?? null };
        if (format !== 'CSV') return { format, ...table };
        return { format, ...table, guardFormulas: input.guardFormulas ?? false };
      }
      case 'MESSAGES':
      case 'SHARE_GPT':
      case 'ALPACA':
      case 'PROMPT_COMPLETION': {
        const given = input.conversations ?? null;
        const form = given === null ? await found.conversations() : toConversationForm(given);
        if (form === null) problems.push(notFound('conversations', 'conversations'));
        else problems.push(...checkForm(version, form, ['conversations']));
        return form === null ? null : { format: 'CHAT', splits, form, as: format };
      }
      case 'PREFERENCE': {
        const columns = input.preference ?? (await found.preference());
        if (columns === null) {
          problems.push(notFound('preference', 'pairs of answers'));
          return null;
        }
        problems.push(...checkPreference(columns, version));
        const { promptColumn, chosenColumn, rejectedColumn } = columns;
        return { format, splits, promptColumn: promptColumn ?? null, chosenColumn, rejectedColumn };
      }
      default:
        return format satisfies never;
    }
  }
}

function notFound(option: string, what: string): InputProblem {
  const message = `Which columns hold ${what} does not show in the roles of the columns, nor in the first rows.`;
  return problem([option], 'REQUIRED', message, `Name them: \`${option}\`.`);
}

function checkOptions(input: ExportDatasetVersionInput): InputProblem[] {
  const allowed: readonly string[] = optionsOf[input.format];
  return options
    .filter((option) => input[option] != null && !allowed.includes(option))
    .map((option) =>
      problem(
        [option],
        'INVALID_VALUE',
        `The format ${input.format} has no \`${option}\`.`,
        `Leave it out; \`${option}\` is for ${formatsWith(option)}.`,
      ),
    );
}

function formatsWith(option: string): string {
  return Object.entries(optionsOf)
    .filter(([, names]) => (names as readonly string[]).includes(option))
    .map(([format]) => format)
    .join(', ');
}

function checkSplits({ splits }: ExportDatasetVersionInput, version: DatasetVersionRow): InputProblem[] {
  if (splits == null) return [];
  if (splits.length === 0) {
    return [problem(['splits'], 'INVALID_VALUE', 'No split is named.', 'Leave `splits` out for all of them.')];
  }
  const names = version.splits.map(({ name }) => name);
  return splits.flatMap((split, i) => {
    const path = ['splits', String(i)];
    if (!names.includes(split)) {
      return [problem(path, 'UNKNOWN_SPLIT', `The dataset version has no split “${split}”.`, namesHint(split, names))];
    }
    return splits.indexOf(split) === i ? [] : [problem(path, 'INVALID_VALUE', `“${split}” is named twice.`)];
  });
}

function checkTable({ columns, splitColumn }: ExportDatasetVersionInput, version: DatasetVersionRow): InputProblem[] {
  const problems: InputProblem[] = [];
  if (columns?.length === 0) {
    const hint = 'Leave `columns` out for all of them.';
    problems.push(problem(['columns'], 'INVALID_VALUE', 'No column is named.', hint));
  }
  for (const [i, column] of columns?.entries() ?? []) {
    const path = ['columns', String(i)];
    if (columns!.indexOf(column) !== i) problems.push(problem(path, 'INVALID_VALUE', `“${column}” is named twice.`));
    else problems.push(...checkColumnType(version, column, columnTypes, path));
  }
  if (splitColumn == null) return problems;
  const written = columns ?? version.columns.map(({ name }) => name);
  const path = ['splitColumn'];
  if (splitColumn.trim() === '' || splitColumn.length > maxNameLength || /\p{Cc}/u.test(splitColumn)) {
    const message = `The name of a column has 1 to ${maxNameLength} characters, and no control characters.`;
    problems.push(problem(path, 'INVALID_VALUE', message));
  } else if (isSystemColumn(splitColumn)) {
    problems.push(problem(path, 'INVALID_VALUE', `The name “${splitColumn}” is reserved.`, 'Choose another name.'));
  } else if (written.some((name) => name.toLowerCase() === splitColumn.toLowerCase())) {
    const message = `A column that is written has the name “${splitColumn}” already.`;
    problems.push(problem(path, 'INVALID_VALUE', message, 'Choose another name.'));
  }
  return problems;
}

function checkPreference(columns: PreferenceColumns, version: DatasetVersionRow): InputProblem[] {
  const named = (['promptColumn', 'chosenColumn', 'rejectedColumn'] as const).flatMap((field) => {
    const column = columns[field] ?? null;
    return column === null ? [] : [{ field, column }];
  });
  return named.flatMap(({ field, column }, i) => {
    const path = ['preference', field];
    const other = named.slice(0, i).find((each) => each.column === column);
    if (other !== undefined) {
      return [problem(path, 'INVALID_VALUE', `“${column}” is the column of \`${other.field}\` already.`)];
    }
    return checkColumnType(version, column, ['TEXT', 'JSON'], path);
  });
}
