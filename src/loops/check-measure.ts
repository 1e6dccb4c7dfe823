import { checkTextColumn } from '../datasets/check-columns.js';
import { columnByRole } from '../datasets/columns-by-role.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import { preferencesByRoles } from '../datasets/preferences/form-by-roles.js';
import { checkTargetColumn } from '../datasets/targets.js';
import type { EvaluateInput } from '../evaluations/evaluation.input.js';
import { resolvePreferences } from '../evaluations/preference-evaluation.js';
import { ScoreMeasureEnum, scoreMeasuresOf } from '../evaluations/score-measure.js';
import { chooseTexts } from '../evaluations/trained-texts.js';
import { globalId } from '../graphql/global-id.js';
import type { BaseModelRow } from '../models/base-model.reads.js';
import type { ScoredKind } from '../models/model-head.type.js';
import { type InputProblem, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import type { LoopSettings } from './loop.js';
import { learntSplit } from './steps/prepare.js';

/** Counts the labels of a split. */
export type LabelReader = Pick<ExampleReader, 'countLabels'>;

type Kinds = Pick<LoopSettings, 'ask' | 'training'>;

/** The kinds of scores that the evaluation of a round's model may have. */
export function scoredKinds({ ask, training }: Kinds): readonly ScoredKind[] {
  const { supervised, multiTask, rewardModelling } = training.method;
  if (multiTask != null) return ['classification', 'multiLabel', 'regression', 'tokenClassification'];
  if (supervised != null) return [ask.kind === 'uncertain' && ask.several ? 'multiLabel' : 'classification'];
  return rewardModelling != null ? ['reward'] : ['tokens'];
}

/** Whether the gate compares a score that the models of rounds have. */
export function checkMeasure(settings: LoopSettings): InputProblem[] {
  const { gate, judging, measuring, preferences } = settings;
  const kinds = scoredKinds(settings);
  const ofPairs = [ScoreMeasureEnum.ACCURACY, ScoreMeasureEnum.REWARD_MARGIN];
  const possible: readonly string[] = [
    ...(preferences === null ? [] : ofPairs),
    ...(measuring === null && preferences !== null ? [] : kinds.flatMap(scoreMeasuresOf)),
  ];
  const problems: InputProblem[] = [];
  if (gate.rule === 'NOT_WORSE' && judging === null && !possible.includes(gate.measure)) {
    const names = Object.entries(ScoreMeasureEnum).flatMap(([name, path]) => (possible.includes(path) ? [name] : []));
    const message = "The models of this loop have no such score, so that none could become the loop's.";
    problems.push(problem(['gate', 'measure'], 'INVALID_VALUE', message, `There are: ${names.join(', ')}.`));
  }
  if (gate.maxPerplexityRatio !== null && (measuring === null || !kinds.includes('tokens'))) {
    const message = 'No perplexity is measured in this loop.';
    const hint = 'Leave it out, or of a language model give `measuring`.';
    problems.push(problem(['gate', 'maxPerplexityRatio'], 'INVALID_VALUE', message, hint));
  }
  if (gate.maxPreferenceDrop !== null && preferences === null) {
    const message = 'No accuracy on held-out pairs is measured in this loop.';
    const hint = 'Leave it out, or of a model that writes give `preferences`.';
    problems.push(problem(['gate', 'maxPreferenceDrop'], 'INVALID_VALUE', message, hint));
  }
  return problems;
}

/**
 * Whether models can be scored on the held-out pairs, as the evaluation of the loop's first model says.
 * @throws ProblemsError whose paths lead into the input of an evaluation
 */
export async function checkPreferences(
  query: Query,
  { preferences }: LoopSettings,
  version: DatasetVersionRow,
  start: BaseModelRow,
): Promise<void> {
  const asked: EvaluateInput = {
    modelId: globalId('BaseModel', start.id),
    datasetVersionId: preferences!.datasetVersionId,
    split: preferences!.split,
    textColumn: null,
    textPairColumn: null,
    preferenceReading: { withoutReference: true },
    idempotencyKey: null,
  };
  await resolvePreferences(query, asked, start, version, null);
}

/**
 * Whether the measured split has what the evaluation of a round's model needs. Of its rows, labels alone are read.
 * @param start the version whose rows come before those of answers; null: none
 */
export async function checkMeasured(
  examples: LabelReader,
  settings: LoopSettings,
  version: DatasetVersionRow,
  start: DatasetVersionRow | null,
): Promise<InputProblem[]> {
  const { method } = settings.training;
  if (method.supervised != null) return checkLabelled(examples, settings, version, start);
  if (method.multiTask != null) return [];
  return method.rewardModelling != null ? checkJudged(settings, version) : checkTexts(settings, version);
}

const at = ['measuring', 'datasetVersionId'];
const atText = ['measuring', 'textColumn'];

async function checkLabelled(
  examples: LabelReader,
  { ask, measuring, training }: LoopSettings,
  version: DatasetVersionRow,
  start: DatasetVersionRow | null,
): Promise<InputProblem[]> {
  const { supervised } = training.method;
  // Another head than the default one names its columns itself.
  if (ask.kind !== 'uncertain' || supervised?.head != null) return [];
  const has = (name: string) => version.columns.some((column) => column.name === name);
  const learnt = supervised?.labelColumn ?? (ask.several ? 'labels' : 'label');
  const byRole = columnByRole(version, [ask.several ? 'LABELS' : 'LABEL'], { what: 'the column of labels', path: at });
  const column = has(learnt) ? learnt : (byRole.chosen?.column ?? null);
  const trained = { textColumn: supervised?.textColumn ?? 'text', pairColumn: null };
  const texts = chooseTexts({ textColumn: measuring!.textColumn, textPairColumn: null }, trained, version, false);
  const ofTexts = [
    ...texts.problems,
    ...(texts.textColumn === null ? [] : checkTextColumn(version, texts.textColumn, atText)),
  ].map((each) => ({ ...each, path: atText }));
  if (column === null) {
    const message = `The version has no column “${learnt}”, and no other one with labels by its role: nothing could be scored.`;
    return [...ofTexts, problem(at, 'UNKNOWN_COLUMN', message, byRole.problems[0]?.hint ?? null)];
  }
  const kind = ask.several ? 'multiLabel' : 'classification';
  const ofColumn = checkTargetColumn(version, kind, { name: column, path: at });
  if (ofColumn.length > 0) return [...ofTexts, ...ofColumn];
  if (ofTexts.length > 0 || texts.textColumn === null) return ofTexts;
  const read = { textColumn: texts.textColumn, column };
  const measured = await labelsOf(examples, version, { ...read, split: measuring!.split });
  const before = await labelsOf(examples, start, { textColumn: 'text', column: learnt, split: learntSplit });
  return checkClasses(ask.classes, { split: measuring!.split, column, measured, before });
}

/**
 * The labels that rows with a text have in a split, the most frequent ones first; null: there is no such version or
 * column, or its labels are too many to be known.
 */
async function labelsOf(
  examples: LabelReader,
  version: DatasetVersionRow | null,
  { textColumn, column, split }: { readonly textColumn: string; readonly column: string; readonly split: string },
): Promise<readonly string[] | null> {
  const isThere = (wanted: string) => version?.columns.find(({ name }) => name === wanted);
  if (version === null || isThere(textColumn) === undefined || isThere(column)?.labels == null) return null;
  const { labels } = await examples.countLabels({
    digest: version.digest,
    textColumns: [textColumn],
    labelColumns: [column],
  });
  const found = (labels[column] ?? []).filter((each) => each.split === split);
  return [...found].sort((one, other) => other.count - one.count).map(({ label }) => label);
}

function checkClasses(
  classes: readonly string[],
  {
    split,
    column,
    measured,
    before,
  }: {
    readonly split: string;
    readonly column: string;
    readonly measured: readonly string[] | null;
    readonly before: readonly string[] | null;
  },
): InputProblem[] {
  // One class alone is no question, which is said elsewhere.
  if (measured === null || classes.length < 2) return [];
  if (measured.length === 0) {
    const message = `No row of the split “${split}” with a text has a label in the column “${column}”: nothing could be scored.`;
    return [problem(['measuring', 'split'], 'EMPTY_SPLIT', message, 'Choose a split whose rows are labelled.')];
  }
  const known = new Set([...classes, ...(before ?? [])]);
  const likely = (one: string) =>
    measured.some((label) => label !== one && label.trim().toLowerCase() === one.trim().toLowerCase());
  const miswritten = classes.filter((each) => !measured.includes(each) && likely(each));
  if (measured.some((label) => known.has(label)) && miswritten.length === 0) return [];
  const shown = measured.slice(0, 20).join(', ');
  const message = `The labels of the measured split “${split}” are not those that people choose from.`;
  const hint = `Write them the same. There are: ${shown}.`;
  return [problem(['ask', 'uncertain', 'classes'], 'UNKNOWN_LABEL', message, hint)];
}

function checkJudged({ measuring }: LoopSettings, version: DatasetVersionRow): InputProblem[] {
  if (measuring!.textColumn !== null) {
    const message = 'A reward model is scored on judgements of answers, whose columns the roles say.';
    return [problem(atText, 'INVALID_VALUE', message, 'Leave it out.')];
  }
  const names = version.columns.map(({ name }) => name);
  if (['prompt', 'chosen', 'rejected'].every((name) => names.includes(name))) return [];
  const { form, problems } = preferencesByRoles(version, ['pairs', 'thumbs', 'rated'], at);
  return form === null ? problems.map((each) => ({ ...each, path: at })) : [];
}

function checkTexts({ measuring }: LoopSettings, version: DatasetVersionRow): InputProblem[] {
  if (measuring!.textColumn !== null) return checkTextColumn(version, measuring!.textColumn, atText);
  const roles = new Set(version.roles.map(({ role }) => role));
  const areConversations = roles.has('MESSAGES') || (roles.has('PROMPT') && roles.has('COMPLETION'));
  if (areConversations) return [];
  return columnByRole(version, ['TEXT', 'TOKENS'], { what: 'the column of the texts', path: atText }).problems.map(
    (each) => ({ ...each, path: atText }),
  );
}
