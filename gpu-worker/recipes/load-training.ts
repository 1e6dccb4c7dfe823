import { headInputSize } from '../../src/protocol/model-manifest.js';
import type { RunSpec } from '../../src/protocol/run-spec.js';
import { createTokenizer } from '../../src/tokenizer/index.js';
import { type Examples, type LabelledTask, readExamples } from '../data/examples.js';
import type { NamedInput } from '../data/split-rows.js';
import { artifactPath, type LoadedModel, loadManifest, loadModel } from '../models/load-model.js';
import { ProblemError } from '../problem-error.js';
import { checkMemory, estimateTrainingBytes } from './memory-estimate.js';
import { encoderParameters, headParameters, lowestTrainedLayer } from './parameters.js';
import { beatOrLeave } from './stop-wishes.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** What training starts from. */
export interface TrainingInput {
  readonly base: LoadedModel;
  readonly training: Examples;
  readonly validation: Examples;
}

/**
 * Reads the base model and both splits, tokenized.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, UNKNOWN_COLUMN, UNKNOWN_LABEL, EMPTY_SPLIT.
 */
export async function loadTraining(
  { spec, context }: TrainingRun,
  tasks: readonly LabelledTask[],
  { store, availableBytes }: TrainingTools,
): Promise<TrainingInput> {
  const manifest = await loadManifest(store, spec.baseModelDigest);
  checkLength(spec, manifest.contextLength);
  const { batchSize, maxLength, truncationSide, freeze } = spec.hyperparameters;
  const parameters = [...encoderParameters(manifest, freeze), ...headParameters(tasks, headInputSize(manifest.config))];
  const step = { batchSize, length: maxLength, fromLayer: lowestTrainedLayer(freeze, manifest) };
  checkMemory(estimateTrainingBytes(manifest, parameters, step), availableBytes());

  const base = await loadModel(store, spec.baseModelDigest);
  const tokenizer = createTokenizer(base.tokenizerJson);
  const path = await artifactPath(store, spec.datasetDigest, 'the dataset version');
  const read = (split: NamedInput) =>
    readExamples(
      { path, split, textColumn: spec.textColumn, pairColumn: spec.pairColumn, tasks, maxLength, truncationSide },
      tokenizer,
      () => beatOrLeave(context),
    );
  const training = await read({ name: spec.trainSplit, path: ['trainSplit'] });
  const validation = await read({ name: spec.validationSplit, path: ['validationSplit'] });
  await describe(spec.trainSplit, training, maxLength, context);
  await describe(spec.validationSplit, validation, maxLength, context);
  return { base, training, validation };
}

function checkLength({ hyperparameters }: RunSpec, contextLength: number): void {
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
