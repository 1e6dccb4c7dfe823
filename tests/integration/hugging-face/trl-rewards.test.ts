import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPreferences } from '../../../gpu-worker/data/preferences.js';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { answerReadingOf } from '../../../gpu-worker/models/answer-reading.js';
import { loadModel } from '../../../gpu-worker/models/load-model.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { RewardHead } from '../../../src/protocol/heads.js';
import type { PreferenceForm } from '../../../src/protocol/preference-form.js';
import { jobOf } from '../../numerics/recipes/head-workshop.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { defaults, writeTable } from '../../numerics/recipes/support.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { modelFolder } from '../../numerics/reference/hugging-face/reference.js';
import reference from '../../numerics/reference/trl/reward.reference.json' with { type: 'json' };
import { type RewardChoice, rewardModellingSpec } from '../../support/specs.js';
import { withHeads } from './head-models.js';
import { fromFolder, openWorkshop } from './import-tools.js';

/** Reward models against TRL's RewardTrainer (tests/numerics/reference/trl/reward.py), from the same weights. */

const { settings } = reference;
const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR', strength: 'DOUBLE' };
const head: RewardHead = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence: null, templateTime: null };

const pairs: PreferenceForm & { readonly kind: 'pairs' } = {
  kind: 'pairs',
  promptColumn: null,
  chosenColumn: 'chosen',
  rejectedColumn: 'rejected',
  strengthColumn: null,
  probabilityColumn: null,
};
const turns = (role: string, content: string) => JSON.stringify([{ role, content }]);

const cases = [
  {
    of: 'a decoder, of conversations with margins and centring',
    folder: fileURLToPath(decoderFolder('llama')),
    expected: reference.decoder,
    rows: reference.pairs.map(([prompt, chosen, rejected], index) => ({
      prompt: turns('user', prompt!),
      chosen: turns('assistant', chosen!),
      rejected: turns('assistant', rejected!),
      strength: reference.strengths[index]!,
    })),
    choice: {
      preference: { ...pairs, promptColumn: 'prompt', strengthColumn: 'strength' },
      chatTemplate: reference.template,
      margin: settings.largestMargin,
      centring: settings.centring,
    } satisfies RewardChoice,
    pooling: 'lastToken',
  },
  {
    of: 'an encoder, of single texts',
    folder: fileURLToPath(modelFolder('bert')),
    expected: reference.encoder,
    rows: reference.texts.map(([chosen, rejected]) => ({
      prompt: null,
      chosen: chosen!,
      rejected: rejected!,
      strength: null,
    })),
    choice: { preference: pairs } satisfies RewardChoice,
    pooling: 'firstToken',
  },
] as const;

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let engine: Engine;
beforeAll(async () => {
  workshop = await openWorkshop();
  engine = await createEngine({ target: 'cpu', threads: 2 });
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

describe.each(cases)('RewardTrainer of $of', ({ folder, expected, rows, choice, pooling }) => {
  test('reads the same tokens, and takes the same steps', async () => {
    const bare = (await importModel(fromFolder(folder), workshop.tools)).manifest;
    const { digest: baseModelDigest } = await withHeads(workshop, bare, [head], { maxLength: null, pooling });
    const { manifest, tokenizer, weights } = await loadModel(workshop.store, baseModelDigest);
    await weights.close();
    const chatTemplate = 'chatTemplate' in choice ? choice.chatTemplate : null;
    const cut = { maxLength: settings.maxLength, truncationSide: 'right' } as const;
    const how = { chatTemplate, templateTime: '2026-01-02T03:04:05.000Z' };
    const reading = await answerReadingOf({ manifest, tokenizer }, workshop.store, how, cut);
    const read = readPreferences(
      rows.map((row, index) => ({ row: index, texts: { ...row, strength: row.strength?.toString() ?? null } })),
      choice.preference,
      reading,
      () => undefined,
    );
    const { ids, offsets, lengths } = read.texts;
    const written = Array.from(lengths, (_, text) => [...ids.slice(offsets[text], offsets[text + 1])]);
    expect(written).toEqual(expected.written.flat());

    const splits = ['train', 'validation'].flatMap((split) => rows.map((row) => ({ split, ...row })));
    const datasetDigest = await writeTable(workshop.store, workshop.root, columns, splits);
    const spec = rewardModellingSpec({
      baseModelDigest,
      datasetDigest,
      ...choice,
      hyperparameters: {
        ...defaults,
        epochs: expected.losses.length,
        // All pairs, of which each step of TRL's is, too.
        batchSize: rows.length,
        maxLength: settings.maxLength,
        learningRate: settings.learning_rate,
        weightDecay: settings.weight_decay,
        beta1: settings.adam_beta1,
        beta2: settings.adam_beta2,
        epsilon: settings.adam_epsilon,
        maxGradientNorm: settings.max_grad_norm,
        schedule: 'constant',
        warmupRatio: 0,
        dropout: 0,
        pooling,
        checkpointEverySteps: 100,
      },
    });
    const recorded = recordingContext();
    const tools = { engine, store: workshop.store, clock: () => 0, availableBytes: () => 8e9 };
    const outcome = await train(jobOf(spec), recorded.context, tools);
    expect(outcome).toMatchObject({ kind: 'finished' });
    const losses = [...recorded.series('train/loss').values()];
    expect(losses[0]).toBeCloseTo(expected.losses[0]!, 5);
    for (const [step, loss] of expected.losses.entries()) expect(losses[step], `step ${step + 1}`).toBeCloseTo(loss, 3);
    // After k steps, the validation split, which holds the same pairs, has what TRL measures in step k + 1.
    const series = (key: string) => [...recorded.series(`validation/${key}`).values()];
    for (const [key, values] of [
      ['accuracy', expected.accuracies],
      ['margin', expected.margins],
    ] as const) {
      for (const [step, value] of values.slice(1).entries()) {
        expect(series(key)[step], `${key} after step ${step + 1}`).toBeCloseTo(value, 2);
      }
    }
  });
});
