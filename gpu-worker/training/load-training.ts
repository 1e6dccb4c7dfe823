import type { UnknownTargets } from '../../src/protocol/evaluation-scores.js';
import { targetColumnsOf } from '../../src/protocol/heads.js';
import { measuredSplitOf } from '../../src/protocol/held-out.js';
import { targetUses } from '../../src/protocol/methods/common.js';
import type { HeadsSpec, RunSpec } from '../../src/protocol/methods/index.js';
import { headsOf, textColumnsOf } from '../../src/protocol/methods/index.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { UnknownLabels } from '../data/labels.js';
import type { NamedInput, SplitPart } from '../data/split-rows.js';
import { readsTokenTypes } from '../data/token-types.js';
import { type Examples, readExamples } from '../forward/examples.js';
import { type ModelPlan, planModel } from '../forward/model-plan.js';
import { headToTrain, readsTokens, type TargetSource } from '../heads/index.js';
import { verifiedPath } from '../models/artifacts.js';
import { type LoadedModel, loadManifest, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { beatOrLeave } from '../stop-wishes.js';
import { checkMemory, plannedBytes } from './memory-estimate.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

const shownLabels = 5;

/** What training starts from. Its disposal closes the base model's files. */
export interface TrainingInput extends AsyncDisposable {
  readonly plan: ModelPlan;
  readonly base: LoadedModel;
  readonly training: Examples;
  readonly validation: Examples;
}

/**
 * Opens the base model and reads both splits, tokenized. A training that memory cannot hold is refused before weights
 * and examples are read.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, UNKNOWN_COLUMN, UNKNOWN_LABEL,
 * EMPTY_SPLIT, UNKNOWN_MODULE.
 */
export async function loadTraining(
  run: TrainingRun<HeadsSpec>,
  { store, availableBytes }: TrainingTools,
): Promise<TrainingInput> {
  const { spec } = run;
  const manifest = await loadManifest(store, spec.baseModelDigest);
  checkLength(spec, manifest);
  const heads = headsOf(spec);
  const plan = planModel(manifest, heads.map(headToTrain), spec.hyperparameters);
  checkMemory(plannedBytes(plan, spec.hyperparameters), availableBytes());

  const base = await loadModel(store, spec.baseModelDigest);
  try {
    const splits = await readSplits(run, base, store);
    return { plan, base, ...splits, [Symbol.asyncDispose]: () => base.weights.close() };
  } catch (error) {
    await base.weights.close();
    throw error;
  }
}

async function readSplits(
  { spec, context }: TrainingRun<HeadsSpec>,
  { manifest, tokenizer }: LoadedModel,
  store: TrainingTools['store'],
): Promise<Pick<TrainingInput, 'training' | 'validation'>> {
  const { maxLength, truncationSide } = spec.hyperparameters;
  const { textColumn, pairColumn } = spec;
  const sources = headsOf(spec).map(
    ({ path, ...each }): TargetSource => ({ head: headToTrain(each), columns: targetUses(each.head, path) }),
  );
  const readsTypes = readsTokenTypes({ manifest, tokenizer }, pairColumn !== null, 'pairColumn');
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  const query = { path, textColumn, pairColumn, sources, maxLength, truncationSide, readsTypes };
  const read = (split: NamedInput, part: SplitPart | null, unknownLabels: UnknownLabels) =>
    readExamples({ ...query, split, part, unknownLabels }, tokenizer, () => beatOrLeave(context));
  const part = (isHeldOut: boolean) => partOf(spec, isHeldOut);
  const training = await read({ name: spec.trainSplit, path: ['trainSplit'] }, part(false), 'refuse');
  const validation = await read({ name: spec.validationSplit, path: ['validationSplit'] }, part(true), 'count');
  await describe(spec.trainSplit, training, maxLength, context);
  await describe(measuredSplitOf(spec), validation, maxLength, context);
  for (const [k, unknown] of validation.unknown.entries()) {
    if (unknown === null) continue;
    const message = describeUnknown(spec, sources[k]!, unknown);
    await context.events([{ kind: 'logLine', level: 'WARNING', message }]);
  }
  return { training, validation };
}

/** A part of the training split, if examples are held out of it. */
export function partOf(spec: RunSpec, isHeldOut: boolean): SplitPart | null {
  const { heldOut, trainSplit } = spec;
  if (heldOut === undefined) return null;
  const heads = headsOf(spec).map(({ head }) => ({ kind: head.kind, columns: targetColumnsOf(head) }));
  return { division: { split: trainSplit, heldOut, textColumns: textColumnsOf(spec), heads }, isHeldOut };
}

/** A sentence on labels of the validation split that the training split does not have. */
function describeUnknown(
  spec: RunSpec,
  { head, columns }: TargetSource,
  { count, labelCount, labels }: UnknownTargets,
): string {
  const named = labels.slice(0, shownLabels).map((each) => `“${each.label}” (${each.count})`);
  const more = labelCount > named.length ? `, and ${labelCount - named.length} more` : '';
  const what = `${count} ${readsTokens(head) ? 'words' : 'examples'}`;
  return (
    `Split ${measuredSplitOf(spec)}, column “${columns[0]!.name}”: ${what} have labels that split ${spec.trainSplit} does not have; ` +
    `they are left out of the loss, and count as wrong: ${named.join(', ')}${more}`
  );
}

/** Refuses texts longer than the model reads: ProblemError TOO_LONG. */
export function checkLength({ hyperparameters }: RunSpec, { contextLength }: ModelManifest): void {
  if (hyperparameters.maxLength <= contextLength) return;
  throw new ProblemError({
    path: ['hyperparameters', 'maxLength'],
    code: 'TOO_LONG',
    message: `the base model reads at most ${contextLength} tokens, the spec asks for ${hyperparameters.maxLength}`,
    hint: `Set maxLength to ${contextLength} or less.`,
  });
}

async function describe(
  split: string,
  { count, texts, rowsWithoutText, rowsWithoutLabel }: Examples,
  maxLength: number,
  context: TrainingRun['context'],
): Promise<void> {
  const cut = texts.truncated.reduce((total, truncated) => total + truncated, 0);
  const leftOut = [
    ...(rowsWithoutText === 0 ? [] : [`${rowsWithoutText} rows without a text`]),
    ...(rowsWithoutLabel === 0 ? [] : [`${rowsWithoutLabel} without a label`]),
  ];
  const message =
    `Split ${split}: ${count} examples, ${texts.ids.length} tokens; ${cut} texts cut to ${maxLength} tokens` +
    (leftOut.length === 0 ? '' : `; left out: ${leftOut.join(', ')}`);
  await context.events([{ kind: 'logLine', level: leftOut.length === 0 ? 'INFO' : 'WARNING', message }]);
}
