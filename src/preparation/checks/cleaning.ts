import { type InputProblem, problem } from '../../problems/problem.js';
import type {
  ChangeCase,
  HtmlToText,
  MapLabels,
  MergeColumns,
  NormalizeUnicode,
  RemoveControlCharacters,
  RenameColumns,
  RepairMojibake,
  ReplacePattern,
} from '../../protocol/preparation/steps/cleaning.js';
import { foldLabel } from '../fold-label.js';
import { isProblem, readPattern } from '../linear-pattern.js';
import { readTemplate } from '../merge-template.js';
import { checkReplacement } from '../replacement.js';
import { checkNewColumnName } from './new-column-name.js';

export type CleaningStep =
  | NormalizeUnicode
  | RemoveControlCharacters
  | RepairMojibake
  | HtmlToText
  | ChangeCase
  | ReplacePattern
  | MapLabels
  | RenameColumns
  | MergeColumns;

const maxMappedLabels = 10_000;
const maxLabelLength = 1000;
const maxTemplateLength = 10_000;
const maxMergedColumns = 100;

/** What is wrong with a step of cleaning, whatever the rows are. */
export function checkCleaningStep(step: CleaningStep): InputProblem[] {
  switch (step.kind) {
    case 'normalizeUnicode':
    case 'removeControlCharacters':
    case 'repairMojibake':
    case 'htmlToText':
      return [];
    case 'changeCase':
      return step.language === null ? [] : checkLanguageTag(step.language, ['language']);
    case 'replacePattern':
      return checkPattern(step);
    case 'mapLabels':
      return checkLabels(step);
    case 'renameColumns':
      return checkNames(step);
    case 'mergeColumns':
      return checkMerge(step);
    default:
      return step satisfies never;
  }
}

function checkLanguageTag(tag: string, path: readonly string[]): InputProblem[] {
  // Longer tags only name scripts and regions, on which no case depends.
  if (/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/.test(tag)) return [];
  return [problem(path, 'INVALID_VALUE', `“${tag}” is no code of a language.`, 'Codes look like “tr” or “pt-BR”.')];
}

function checkPattern({ pattern, replacement, ignoreCase }: ReplacePattern): InputProblem[] {
  const read = readPattern(pattern, ignoreCase, ['pattern']);
  return isProblem(read) ? [read] : checkReplacement(replacement, read, ['replacement']);
}

function checkLabels(step: MapLabels): InputProblem[] {
  const { labels } = step;
  if (labels.length === 0 && step.others === 'KEEP') return [problem(['labels'], 'REQUIRED', 'No label is named.')];
  if (labels.length > maxMappedLabels) {
    return [problem(['labels'], 'TOO_LONG', `A step maps at most ${maxMappedLabels} labels, not ${labels.length}.`)];
  }
  const firstOf = new Map<string, number>();
  return labels.flatMap(({ from, to }, index) => {
    const path = ['labels', String(index)];
    if (to !== null && to.length > maxLabelLength) {
      return [problem([...path, 'to'], 'TOO_LONG', `A label has at most ${maxLabelLength} characters.`)];
    }
    const folded = foldLabel(from, step);
    const first = firstOf.get(folded);
    firstOf.set(folded, first ?? index);
    if (first === undefined || labels[first]!.to === to) return [];
    const message = `“${from}” counts as “${labels[first]!.from}”, and the two get different names.`;
    return [problem([...path, 'from'], 'INVALID_VALUE', message, 'Name each label once.')];
  });
}

function checkNames({ names }: RenameColumns): InputProblem[] {
  if (names.length === 0) return [problem(['names'], 'REQUIRED', 'No column is named.')];
  return names.flatMap(({ from, to }, index) => {
    const path = ['names', String(index)];
    const others = names.slice(0, index);
    const twice = others.some((other) => other.from === from);
    return [
      ...(twice ? [problem([...path, 'from'], 'INVALID_VALUE', `The column “${from}” gets two names.`)] : []),
      ...checkNewColumnName(
        to,
        others.map((other) => other.to),
        [...path, 'to'],
      ),
    ];
  });
}

function checkMerge({ columns, as, separator, template }: MergeColumns): InputProblem[] {
  const problems = checkNewColumnName(as, [], ['as']);
  if (columns.length === 0) problems.push(problem(['columns'], 'REQUIRED', 'No column is named.'));
  if (columns.length > maxMergedColumns) {
    problems.push(problem(['columns'], 'TOO_LONG', `At most ${maxMergedColumns} columns are merged at once.`));
  }
  if ((separator === null) === (template === null)) {
    const message = 'Values are joined either by a separator or by a template.';
    return [...problems, problem(['separator'], 'INVALID_VALUE', message, 'Give one of separator and template.')];
  }
  const [name, given] = separator === null ? (['template', template!] as const) : (['separator', separator] as const);
  if (given.length > maxTemplateLength) {
    return [...problems, problem([name], 'TOO_LONG', `It has at most ${maxTemplateLength} characters.`)];
  }
  return template === null ? problems : [...problems, ...checkTemplate(template, columns)];
}

function checkTemplate(template: string, columns: readonly string[]): InputProblem[] {
  const pieces = readTemplate(template);
  if (pieces === null) {
    const message = 'The template has a brace without its other half.';
    return [
      problem(['template'], 'INVALID_VALUE', message, 'Write “{{” and “}}” for braces that stand for themselves.'),
    ];
  }
  const named = pieces.flatMap((piece) => ('column' in piece ? [piece.column] : []));
  const unknown = named.find((column) => !columns.includes(column));
  if (unknown !== undefined) {
    const message = `The template names “${unknown}”, which is not among the merged columns.`;
    return [problem(['template'], 'INVALID_VALUE', message, `It may name ${columns.join(', ')}.`)];
  }
  const unused = columns.find((column) => !named.includes(column));
  if (unused === undefined) return [];
  const message = `The template does not name the column “${unused}”.`;
  return [problem(['template'], 'INVALID_VALUE', message, 'Name each merged column in it, or merge fewer.')];
}
