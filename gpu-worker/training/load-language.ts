import { type ArchitectureConfig, type TransformerConfig, traitsOf } from '../../src/protocol/architectures/index.js';
import { measuredSplitOf } from '../../src/protocol/held-out.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { LanguageModellingSpec, Masking } from '../../src/protocol/methods/index.js';
import { type DocumentCounts, readDocuments } from '../data/documents.js';
import { likelyTargets, maskRows, measuredEpoch } from '../data/mask-rows.js';
import { readMaskableDocuments } from '../data/masked-documents.js';
import { oneSequenceARow, packSequences } from '../data/pack-sequences.js';
import { type SamplePrompt, samplePrompts } from '../data/sample-prompts.js';
import { type NamedInput, readSplitRows, type SplitPart } from '../data/split-rows.js';
import { logFrequencies } from '../data/token-frequencies.js';
import type { TokenRows, TokenSequences } from '../data/token-sequences.js';
import { verifiedPath } from '../models/artifacts.js';
import type { LoadedModel } from '../models/load-model.js';
import { textEndsOf } from '../models/text-ends.js';
import { ProblemError } from '../problem-error.js';
import { beatOrLeave } from '../stop-wishes.js';
import { partOf } from './load-training.js';
import { type OpenLanguageModel, openLanguageModel } from './open-language-model.js';
import type { TrainingRun, TrainingTools } from './training-tools.js';

/** Texts as rows of tokens. */
export interface LanguageTexts {
  /** As they are measured. */
  readonly rows: TokenRows;
  /** As they are learned in an epoch, a pure function of it; a causal model learns the same in each. */
  readonly rowsOf: (epoch: number) => TokenRows;
  /** Targets of each row, or about as many where they are drawn. */
  readonly targetCounts: Int32Array;
  /** Bytes of the texts in UTF-8. */
  readonly bytes: number;
  /** ln of each token's share of these texts, [V]: absent where tokens are not masked. */
  readonly logFrequencies?: (vocabularySize: number) => Float32Array;
  /** Beginnings of some of the texts, from which a model goes on. Empty where it predicts masked tokens. */
  readonly prompts: readonly SamplePrompt[];
}

/** What a training on raw texts starts from. */
export interface LanguageInput extends OpenLanguageModel {
  readonly training: LanguageTexts;
  readonly validation: LanguageTexts;
  /** Null where the spec names none. */
  readonly control: LanguageTexts | null;
  /** A chat template in place of the base model's; absent: there is none. */
  readonly chatTemplate?: string;
}

/** Beginnings of texts from which a model goes on at each evaluation. */
const promptCount = 3;

/** More characters than any text has: documents are divided, not cut. */
const allCharacters = 2 ** 32 - 1;

/**
 * Opens the base model and reads the documents of both splits, and the control texts. A training that memory cannot
 * hold is refused before weights and documents are read.
 * Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL, OUT_OF_MEMORY, TOO_LONG, INVALID_VALUE, UNKNOWN_COLUMN,
 * EMPTY_SPLIT, UNKNOWN_MODULE.
 */
export async function loadLanguageTraining(
  run: TrainingRun<LanguageModellingSpec>,
  tools: TrainingTools,
): Promise<LanguageInput> {
  const { spec } = run;
  return openLanguageModel(
    spec,
    tools,
    (config) => {
      if (!fits(spec.objective, config)) throw notFitting(spec.objective, config.architecture);
    },
    (base) => readTexts(run, base, tools.store),
  );
}

async function readTexts(
  { spec, context }: TrainingRun<LanguageModellingSpec>,
  { manifest, tokenizer }: LoadedModel,
  store: TrainingTools['store'],
): Promise<Pick<LanguageInput, 'training' | 'validation' | 'control'>> {
  const { control, hyperparameters, trainSplit, validationSplit, textColumn } = spec;
  const { maxLength: contextLength } = hyperparameters;
  const ends = await textEndsOf(store, manifest, tokenizer);
  const path = await verifiedPath(store, spec.datasetDigest, 'the dataset version');
  const column = { name: textColumn, path: ['textColumn'] };

  async function read(
    query: { readonly path: string; readonly split: NamedInput; readonly part: SplitPart | null },
    from: NamedInput,
    shownAs: string,
  ): Promise<LanguageTexts> {
    const { texts, rowsWithoutText } = await readSplitRows({
      ...query,
      textColumn: from,
      pairColumn: null,
      targetColumns: [],
      wantsWords: false,
      maxCharacters: allCharacters,
      truncationSide: 'right',
    });
    beatOrLeave(context);
    const { counts, learned } = spec.masking === null ? readCausal(texts) : readMasked(texts, spec.masking);
    if (counts.count === 0) throw nothingToLearn(query.split, spec.objective === 'causal' && ends.end === null);
    const message = describe(shownAs, counts, learned.rows, contextLength, rowsWithoutText);
    await context.events([{ kind: 'logLine', level: 'INFO', message }]);
    return learned;
  }

  function readCausal(texts: readonly string[]): ReadTexts {
    const { sequences, ...counts } = readDocuments(tokenizer, texts, ends, contextLength, () => beatOrLeave(context));
    const rows = rowsOfSequences(sequences, spec.packing, manifest.config as TransformerConfig, hyperparameters);
    return { counts, learned: sameInEachEpoch(rows, counts.bytes, sequences) };
  }

  function readMasked(texts: readonly string[], masking: Masking): ReadTexts {
    const { counts, texts: maskable } = readMaskableDocuments(tokenizer, texts, contextLength, () =>
      beatOrLeave(context),
    );
    const rowsOf = (epoch: number) => maskRows(maskable, masking, { seed: hyperparameters.seed, epoch });
    return {
      counts,
      learned: {
        rows: rowsOf(measuredEpoch),
        rowsOf,
        targetCounts: likelyTargets(maskable, masking),
        // Bits a byte are of whole texts.
        bytes: 0,
        prompts: [],
        logFrequencies: (vocabularySize) => logFrequencies(maskable, vocabularySize),
      },
    };
  }

  const isHeldOut = spec.heldOut !== undefined;
  const training = { path, split: { name: trainSplit, path: ['trainSplit'] }, part: partOf(spec, false) };
  const validation = { path, split: { name: validationSplit, path: ['validationSplit'] }, part: partOf(spec, true) };
  return {
    training: await read(training, column, trainSplit),
    validation: await read(validation, column, isHeldOut ? measuredSplitOf(spec) : validationSplit),
    control:
      control === null
        ? null
        : await read(
            {
              path: await verifiedPath(store, control.datasetDigest, 'the control texts'),
              split: { name: control.split, path: ['control', 'split'] },
              part: null,
            },
            { name: control.textColumn, path: ['control', 'textColumn'] },
            `${control.split} of the control texts`,
          ),
  };
}

/** The rows of batches: of several sequences each where that is asked for and possible, else of one. */
export function rowsOfSequences(
  sequences: TokenSequences,
  packing: LanguageModellingSpec['packing'],
  config: TransformerConfig,
  { maxLength, seed }: Pick<Hyperparameters, 'maxLength' | 'seed'>,
): TokenRows {
  return packing === 'packed' && canBePacked(config)
    ? packSequences(sequences, maxLength, seed)
    : oneSequenceARow(sequences);
}

/** Texts that are learned as they are measured. @param sequences what the rows hold */
export function sameInEachEpoch(rows: TokenRows, bytes: number, sequences: TokenSequences): LanguageTexts {
  const prompts = samplePrompts(sequences, promptCount);
  return { rows, rowsOf: () => rows, targetCounts: rows.targetCounts, bytes, prompts };
}

interface ReadTexts {
  readonly counts: DocumentCounts;
  readonly learned: LanguageTexts;
}

function fits(objective: LanguageModellingSpec['objective'], config: ArchitectureConfig): boolean {
  const { isCausal, predictsMasked = false } = traitsOf(config);
  switch (objective) {
    case 'causal':
      return isCausal;
    case 'masked':
      return predictsMasked;
    default:
      return objective satisfies never;
  }
}

/** A scaling that grows with the text does not do so for several in a row. */
function canBePacked(config: TransformerConfig): boolean {
  return !('rotaryScaling' in config) || config.rotaryScaling.kind !== 'dynamic';
}

function describe(
  split: string,
  { count, divided, empty, bytes }: DocumentCounts,
  rows: TokenRows,
  contextLength: number,
  rowsWithoutText: number,
): string {
  const number = (value: number) => value.toLocaleString('en');
  const R = rows.lengths.length;
  const filled = (100 * rows.ids.length) / (R * contextLength);
  const without = rowsWithoutText + empty;
  return (
    `Split ${split}: ${number(count)} documents, ${number(rows.ids.length)} tokens of ${number(bytes)} bytes` +
    (rows.segments === null
      ? `, in ${number(R)} rows of one document each`
      : `, packed into ${number(R)} rows of ${contextLength} tokens, which they fill to ${filled.toFixed(1)} %`) +
    (divided === 0 ? '' : `; ${number(divided)} divided, as they have more than ${contextLength} tokens`) +
    (without === 0 ? '' : `; left out: ${number(without)} rows without a text`)
  );
}

export function notCausal(family: string): ProblemError {
  return notFitting('causal', family);
}

function notFitting(objective: LanguageModellingSpec['objective'], family: string): ProblemError {
  const { what, hint } = {
    causal: { what: 'the next token', hint: 'Choose a decoder, such as GPT-2 or Llama.' },
    masked: { what: 'masked tokens', hint: 'Choose an encoder, such as BERT or RoBERTa.' },
  }[objective];
  return new ProblemError({
    path: ['method', 'languageModelling', 'objective'],
    code: 'INVALID_VALUE',
    message: `a model of the family ${family} cannot predict ${what}`,
    hint,
  });
}

function nothingToLearn({ name, path }: NamedInput, lacksEnd: boolean): ProblemError {
  return new ProblemError({
    path: [...path],
    code: 'EMPTY_SPLIT',
    message: `no text of split “${name}” has a token to predict${lacksEnd ? ': the model has no token that ends a text, and texts have one token at most' : ''}`,
    hint: 'Choose another split or text column.',
  });
}
