import { checkPairColumn, checkSplit, checkTextColumn } from '../datasets/check-columns.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import {
  checkNumberRange,
  checkTargetColumn,
  checkWords,
  countNumbers,
  hasTargets,
  type LabelledKind,
  type TargetFacts,
} from '../datasets/targets.js';
import type { NamesModel } from '../models/aliases/named-model.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import { checkReadsPairs } from '../models/check-reads-pairs.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import { outputNames, readsTokens } from '../protocol/heads.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { predictedTokensOf } from '../protocol/predicts-tokens.js';
import type { EvaluateInput } from './evaluation.input.js';
import type { ScoredTask } from './scored-tasks.js';
import type { ChosenTexts } from './trained-texts.js';

const shownLabels = 5;

type Version = Pick<DatasetVersionRow, 'columns' | 'splits'>;

/** The problems of the split and of the text columns. */
export function checkTexts(
  { split }: Pick<EvaluateInput, 'split'>,
  { textColumn, pairColumn, problems }: ChosenTexts,
  { config }: Pick<ModelManifest, 'config'>,
  version: Version,
): InputProblem[] {
  const [textPath, pairPath] = [['textColumn'], ['textPairColumn']];
  const found = [...checkSplit(version, split, ['split']), ...problems];
  if (textColumn !== null) found.push(...checkTextColumn(version, textColumn, textPath));
  if (pairColumn === null) return found;
  found.push(
    ...(textColumn === null
      ? checkTextColumn(version, pairColumn, pairPath)
      : checkPairColumn(version, textColumn, pairColumn, pairPath)),
    ...checkReadsPairs(config, pairPath),
  );
  return found;
}

/** The problems of the target columns that show without reading rows. */
export function checkColumns(
  { pairColumn }: Pick<ChosenTexts, 'pairColumn'>,
  tasks: readonly ScoredTask[],
  version: Version,
): InputProblem[] {
  const problems = tasks.flatMap(({ head, columns }) =>
    columns.flatMap((column) => checkTargetColumn(version, head.kind, column)),
  );
  if (pairColumn !== null) {
    problems.push(
      ...checkTagsNoPairs(
        tasks.map(({ head }) => head),
        ['textPairColumn'],
      ),
    );
  }
  return problems;
}

/**
 * A problem where a head tags words: such a head reads single texts only.
 * @param path of the second texts in the input
 */
export function checkTagsNoPairs(heads: ModelManifest['heads'], path: readonly string[]): InputProblem[] {
  const tagger = heads.find(readsTokens);
  if (tagger === undefined) return [];
  const message = `The head “${tagger.task}” tags the words of single texts: it does not read pairs.`;
  return [problem(path, 'INVALID_VALUE', message, 'Leave the second texts out.')];
}

/** What is to be scored. */
interface Scored {
  readonly split: string;
  /** Whether a label that a head does not know is a problem; otherwise it is one if the head knows no other. */
  readonly refusesUnknown: boolean;
}

/** The problems of the targets in the data: some that a head can not predict, or none at all. */
export function checkTargets(asked: Scored, tasks: readonly ScoredTask[], facts: TargetFacts): InputProblem[] {
  const { split } = asked;
  return tasks.flatMap((scored) => {
    const { kind } = scored.head;
    switch (kind) {
      case 'classification':
      case 'multiLabel':
        return checkLabels(asked, scored, kind, facts);
      case 'tokenClassification':
        return [
          ...checkLabels(asked, scored, kind, facts),
          ...scored.columns.flatMap(({ name, path }) => checkWords(facts, name, [split], path)),
        ];
      case 'regression':
        return checkNumbers(split, scored, facts);
      default:
        return kind satisfies never;
    }
  });
}

function checkLabels(
  { split, refusesUnknown }: Scored,
  { task, head, columns }: ScoredTask,
  kind: LabelledKind,
  { counts }: TargetFacts,
): InputProblem[] {
  const { name, path } = columns[0]!;
  const known = new Set(outputNames(head));
  if (!hasTargets(counts, kind, name, split)) {
    const message = `In the split “${split}” no example has a label in the column “${name}”.`;
    return [problem(path, 'EMPTY_SPLIT', message, 'Choose another split or column.')];
  }
  const found = (counts.labels[name] ?? []).filter((each) => each.split === split);
  const unknown = found.map(({ label }) => label).filter((label) => !known.has(label));
  if (unknown.length === 0 || (!refusesUnknown && unknown.length < found.length)) return [];
  const named = unknown
    .sort()
    .slice(0, shownLabels)
    .map((label) => `“${label}”`);
  return [
    problem(
      path,
      'UNKNOWN_LABEL',
      `The column “${name}” has ${unknown.length < found.length ? 'labels' : 'only labels'} that the head “${task}” does not know: ${named.join(', ')}${unknown.length > named.length ? `, and ${unknown.length - named.length} more` : ''}.`,
      refusesUnknown && unknown.length < found.length
        ? `${namesHint(unknown[0]!, [...known])} With \`unknownLabels: COUNT\`, such ${kind === 'tokenClassification' ? 'words' : 'examples'} count as wrong.`
        : namesHint(unknown[0]!, [...known]),
    ),
  ];
}

function checkNumbers(split: string, { columns }: ScoredTask, facts: TargetFacts): InputProblem[] {
  return columns.flatMap(({ name, path }) => {
    if (countNumbers(facts, name, split) > 0) return checkNumberRange(facts, name, [split], path);
    const message = `In the split “${split}” no example has a number in the column “${name}”.`;
    return [problem(path, 'EMPTY_SPLIT', message, 'Choose another split or column.')];
  });
}

/**
 * Throws ProblemsError NO_HEAD for a bare encoder, and for a language model.
 * @param named how the input names the model
 * @param hint what can be done about it
 */
export function requireHead(
  { name, manifest }: Pick<BaseModelRow, 'name' | 'manifest'>,
  named: NamesModel,
  hint = 'Create an experiment with a head (`supervised` or `multiTask`) that starts from it, and use the model that comes out.',
): void {
  if (manifest.heads.length > 0) return;
  const { alias } = named;
  const does =
    predictedTokensOf(manifest) === null
      ? 'turns text into vectors, and predicts nothing'
      : 'predicts tokens, and no labels';
  const [path, model] =
    alias == null ? ['modelId', 'This model'] : ['alias', `The model “${name}”, which “${alias}” stands for,`];
  throw new ProblemsError([problem([path], 'NO_HEAD', `${model} has no head: it ${does}.`, hint)]);
}
