import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inference, isTransformer } from '../../gpu-worker/architectures/encoder-run.js';
import { allTokenLogits } from '../../gpu-worker/architectures/token-logits.js';
import { tokenStates } from '../../gpu-worker/architectures/transformer.js';
import { restore } from '../../gpu-worker/data/target-standardization.js';
import { readsTokenTypes } from '../../gpu-worker/data/token-types.js';
import { tokenizeTexts } from '../../gpu-worker/data/tokenize.js';
import { createEngine } from '../../gpu-worker/engine/index.js';
import { tokenSource, tokensOf } from '../../gpu-worker/forward/example-source.js';
import { fillParameters } from '../../gpu-worker/forward/initial-values.js';
import { encoderParameters } from '../../gpu-worker/forward/parameters.js';
import { predict } from '../../gpu-worker/forward/predict.js';
import { openModel, type ReadyModel } from '../../gpu-worker/forward/ready-model.js';
import { runHeads } from '../../gpu-worker/forward/run-heads.js';
import { createAnswerText } from '../../gpu-worker/generation/answer-text.js';
import { generate } from '../../gpu-worker/generation/generate.js';
import { openGenerator } from '../../gpu-worker/generation/open-generator.js';
import { createChoosers } from '../../gpu-worker/generation/sampling/chooser.js';
import { headOf } from '../../gpu-worker/heads/index.js';
import { exportModel } from '../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../gpu-worker/hugging-face/import-model.js';
import { loadModel } from '../../gpu-worker/models/load-model.js';
import { availableMemory } from '../../gpu-worker/training/available-memory.js';
import { train } from '../../gpu-worker/training-jobs/train.js';
import { type ModelHead, outputNames, readsTokens, type TargetHeadSpec } from '../../src/protocol/heads.js';
import type { Hyperparameters } from '../../src/protocol/hyperparameters.js';
import type { ExportFormat, ExportJob, TaskPrediction } from '../../src/protocol/job.js';
import { standingBuckets } from '../../src/protocol/length-buckets.js';
import type { RunSpec } from '../../src/protocol/methods/index.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { openFileSystemStore } from '../../src/storage/file-system-store.js';
import { recordingContext } from '../numerics/recipes/recording-context.js';
import { defaults, writeTable } from '../numerics/recipes/support.js';
import { languageModellingSpec, multiTaskSpec, rewardModellingSpec, supervisedSpec } from '../support/specs.js';
import { columns, complaints, labels, targetsOf } from './texts.js';

/** A model in the store. */
export interface StoredModel {
  readonly digest: string;
  readonly manifest: ModelManifest;
}

/** What Python's models are called with, a row an example. */
export type Encoding = Readonly<Record<'input_ids' | 'attention_mask' | 'token_type_ids', number[]>>;

/** The worker's own functions, on a store of their own: what jobs of the queue would do. */
export async function openWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), 'attune-interop-'));
  const store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  const engine = await createEngine({ target: 'cpu', threads: 2 });
  const transfer = { store, onProgress: () => undefined, discard: async () => undefined };
  const rows = labels.flatMap((label) =>
    complaints[label].map((text, i) => ({ split: i % 4 === 3 ? 'validation' : 'train', ...targetsOf(text, label) })),
  );
  const dataset = await writeTable(store, folder, columns, rows);

  // What is about the subject itself is a better answer than what is about another one; few words, as the models read.
  const brief = (text: string) => ` ${text.split(' ').slice(0, 3).join(' ')}`;
  const pairs = labels.flatMap((label, place) =>
    complaints[label].map((text, i) => ({
      split: i % 4 === 3 ? 'validation' : 'train',
      prompt: label,
      chosen: brief(text),
      rejected: brief(complaints[labels[(place + 1) % 3]!][i]!),
    })),
  );
  const judged = await writeTable(store, folder, { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' }, pairs);

  const common = (base: StoredModel, changed: Partial<Hyperparameters>) => ({
    baseModelDigest: base.digest,
    datasetDigest: dataset,
    hyperparameters: {
      ...defaults,
      learningRate: 0.002,
      epochs: 3,
      dropout: null,
      maxLength: 48,
      pooling: 'firstToken' as const,
      ...changed,
    },
  });

  async function trained(spec: RunSpec): Promise<StoredModel> {
    const outcome = await train({ kind: 'train', runId: crypto.randomUUID(), spec }, recordingContext().context, {
      engine,
      store,
      clock: () => performance.now(),
      availableBytes: () => availableMemory(freemem()),
    });
    if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
    return outcome.model;
  }

  async function opened({ digest }: StoredModel) {
    const { tokenizer, manifest, weights } = await loadModel(store, digest);
    await weights.close();
    return { tokenizer, manifest };
  }

  async function logitsOfTokens({ digest }: StoredModel, sequences: readonly (readonly number[])[]) {
    const { manifest, weights } = await loadModel(store, digest);
    const { config } = manifest;
    if (!isTransformer(config)) throw new Error('not a transformer');
    const parameters = engine.createParameters(encoderParameters(manifest.layers, manifest.layers.length));
    try {
      await fillParameters(parameters, weights, new Map());
      const logits: number[][] = [];
      for (const ids of sequences) {
        const shape = [1, ids.length];
        const inputs = { ids: { shape, dtype: 'int32' }, mask: { shape, dtype: 'float32' } } as const;
        const graph = await engine.compileForward(parameters, inputs, (all, given) => ({
          logits: allTokenLogits(all, tokenStates(all, tokensOf(given), config, inference), config),
        }));
        const outputs = await graph.run({ ids: Int32Array.from(ids), mask: new Float32Array(ids.length).fill(1) });
        logits.push([...outputs.logits!]);
        await graph.release();
      }
      return logits;
    } finally {
      parameters.release();
      await weights.close();
    }
  }

  return {
    folder,
    store,
    engine,

    /** Imports a folder in Hugging Face's layout, or in PEFT's with the model that it is for. */
    async import(path: string, adapterBase: StoredModel | null = null): Promise<StoredModel> {
      const source = { kind: 'folder', path } as const;
      return await importModel(
        { source, licence: null, adapterBaseDigest: adapterBase?.digest ?? null },
        {
          ...transfer,
          hub: { endpoint: '', token: null },
          importFolders: null,
          downloadFolder: join(folder, 'downloads'),
          requireRoom: () => undefined,
          memoryBytes: availableMemory(freemem()),
        },
      );
    },

    /** A supervised run on the complaints. @param head in place of a classifier of their labels */
    train: (base: StoredModel, changed: Partial<Hyperparameters>, head: TargetHeadSpec | null = null) =>
      trained(
        supervisedSpec({
          ...common(base, changed),
          labels,
          ...(head === null ? {} : { head, textColumn: readsTokens(head) ? 'words' : 'text' }),
        }),
      ),

    /** A reward model of pairs of complaints. */
    trainRewards: (base: StoredModel, changed: Partial<Hyperparameters>) =>
      trained(
        rewardModellingSpec({
          ...common(base, { dropout: 0, ...changed }),
          datasetDigest: judged,
          unlearnable: 'leaveOut',
        }),
      ),

    /** A run on masked tokens of the complaints. */
    trainMasked: (base: StoredModel, changed: Partial<Hyperparameters>) =>
      trained(
        languageModellingSpec({
          ...common(base, { pooling: null, ...changed }),
          masking: { share: 0.3, wholeWords: true },
        }),
      ),

    /** Logits [T·V] of every token of texts, as masked tokens are predicted, with the encodings they are of. */
    async maskedLogits(model: StoredModel, texts: readonly string[]) {
      const { tokenizer, manifest } = await opened(model);
      const encoded = texts.map((text) => tokenizer.encodeIds(text, null, { maxLength: 32, truncationSide: 'right' }));
      const logits = await logitsOfTokens(
        model,
        encoded.map(({ ids }) => ids),
      );
      return { logits, encodings: encoded.map((encoding) => encodingOf(encoding, manifest)) };
    },

    /** Logits [T·V] of every token of sequences, as masked tokens or the next ones are predicted. */
    logitsOfTokens,

    /** A model's tokenizer and manifest. */
    opened,

    /** A run of several heads on the complaints' words, each under the name of its kind. */
    trainAll: (base: StoredModel, changed: Partial<Hyperparameters>, heads: readonly TargetHeadSpec[]) =>
      trained(
        multiTaskSpec({
          ...common(base, changed),
          textColumn: 'words',
          tasks: heads.map((head) => ({ name: head.kind, weight: 1, head })),
        }),
      ),

    /** Writes a model's export to a folder, which it returns. */
    async export({ digest }: StoredModel, format: ExportFormat, gguf?: ExportJob['gguf']): Promise<string> {
      const target = join(folder, crypto.randomUUID());
      const { files } = await exportModel({ modelDigest: digest, format, gguf }, transfer);
      for (const file of files) {
        const path = join(target, file.name);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, await store.read(file.digest));
      }
      return target;
    },

    /** The likeliest tokens after prompts, at most `count` each, without those that end a text, and their texts. */
    async write(
      { digest }: StoredModel,
      prompts: readonly (readonly number[])[],
      count: number,
    ): Promise<{ readonly ids: number[]; readonly text: string }[]> {
      const generator = await openGenerator(engine, store, digest, { weights: 'float32' });
      const { continuation, reader, vocabulary, endIds, release } = generator;
      const written = prompts.map(() => ({ ids: [] as number[], text: '' }));
      const sampling = { temperature: 0, topK: null, topP: 1, minP: 0, seed: 0 };
      const penalties = { repetitionPenalty: 1, presencePenalty: 0, frequencyPenalty: 0 };
      const chooserFor = createChoosers({ sampling: { ...sampling, ...penalties }, topLogProbabilities: null });
      try {
        await generate(
          continuation,
          prompts,
          {
            samples: 1,
            contextLength: reader.contextLength,
            maxTokens: count,
            endIds,
            answerOf: (prompt, sample) => ({
              chooser: chooserFor({ promptIds: prompts[prompt]!, sample }),
              text: createAnswerText(vocabulary, []),
              rule: null,
            }),
            tokenText: (id) => vocabulary.textOf(id),
          },
          {
            onEvent(event) {
              if (event.kind !== 'tokens') return;
              const answer = written[event.prompt]!;
              answer.ids.push(...event.tokens.map(({ id }) => id));
              answer.text += event.text;
            },
            onProgress: () => undefined,
          },
        );
      } finally {
        await release();
      }
      return written;
    },

    /**
     * Outputs of the model's one head, as predictions and evaluations compute them, numbers in the unit of the data;
     * those of tokens one token after the other. With the encodings they are of.
     */
    async logits(
      { digest }: StoredModel,
      texts: readonly string[],
    ): Promise<{ logits: number[][]; encodings: Encoding[] }> {
      const model = await openModel(engine, store, digest);
      try {
        const options = { maxLength: 32, truncationSide: 'right' } as const;
        const { head, outputs, offsets } = await outputsOf(model, texts, null, options.maxLength);
        const K = outputNames(head).length;
        const rows = readsTokens(head) ? offsets : Int32Array.from({ length: texts.length + 1 }, (_, i) => i);
        const values = head.kind === 'regression' ? restore(outputs, head) : outputs;
        return {
          logits: texts.map((_, i) => [...values.subarray(rows[i]! * K, rows[i + 1]! * K)]),
          encodings: texts.map((text) => encodingOf(model.tokenizer.encodeIds(text, null, options), model.manifest)),
        };
      } finally {
        await model.release();
      }
    },

    /** Outputs of the model's one head of single texts, `[text]`, or of pairs, as predictions compute them. */
    async logitsOfPairs({ digest }: StoredModel, examples: readonly (readonly string[])[]): Promise<number[][]> {
      const model = await openModel(engine, store, digest);
      try {
        const texts = examples.map(([text]) => text!);
        const pairs = examples[0]!.length > 1 ? examples.map(([, pair]) => pair!) : null;
        const { head, outputs } = await outputsOf(model, texts, pairs, 48);
        const K = outputNames(head).length;
        return texts.map((_, i) => [...outputs.subarray(i * K, (i + 1) * K)]);
      } finally {
        await model.release();
      }
    },

    /** What the model's heads say of texts. */
    async predict({ digest }: StoredModel, texts: readonly string[]): Promise<TaskPrediction[][]> {
      const model = await openModel(engine, store, digest);
      try {
        const predictions = await predict(model, { texts: [...texts], pairs: null }, () => undefined);
        return predictions.map(({ tasks }) => tasks);
      } finally {
        await model.release();
      }
    },

    async [Symbol.asyncDispose]() {
      await engine.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Workshop = Awaited<ReturnType<typeof openWorkshop>>;

/** Outputs of a model's one head, and where the tokens of each text begin among those of all. */
async function outputsOf(
  model: ReadyModel,
  texts: readonly string[],
  pairs: readonly string[] | null,
  maxLength: number,
) {
  const readsTypes = readsTokenTypes(model, pairs !== null, 'pairs');
  const options = { maxLength, truncationSide: 'right' } as const;
  const tokenized = tokenizeTexts(model.tokenizer, { texts, pairs, readsTypes }, options, () => undefined);
  const source = tokenSource(tokenized, standingBuckets(maxLength));
  const [head] = model.manifest.heads as [ModelHead];
  const [outputs] = await runHeads(model.forward(source.inputs), [headOf(head)], source, () => undefined);
  return { head, outputs: outputs!, offsets: tokenized.offsets };
}

function encodingOf({ ids, typeIds }: { ids: number[]; typeIds: number[] }, { config }: ModelManifest): Encoding {
  const encoding = { input_ids: ids, attention_mask: ids.map(() => 1), token_type_ids: typeIds };
  if ('tokenTypes' in config && config.tokenTypes > 1) return encoding;
  // The others' forward passes take none, or none but zeros.
  const { token_type_ids: _, ...withoutTypes } = encoding;
  return withoutTypes as Encoding;
}
