import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../../gpu-worker/engine/index.js';
import type { Engine } from '../../../gpu-worker/engine/types.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import {
  createWriting,
  encodeConversation,
  readConversation,
  writeConversation,
} from '../../../src/conversations/index.js';
import type { InstructionTuningSpec } from '../../../src/protocol/methods/index.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { jobOf } from '../../numerics/recipes/head-workshop.js';
import { recordingContext } from '../../numerics/recipes/recording-context.js';
import { defaults, writeTable } from '../../numerics/recipes/support.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { instructionTuningSpec } from '../../support/specs.js';
import { fromFolder, openWorkshop } from './import-tools.js';

const Run = z.object({
  written: z.array(z.object({ ids: z.array(z.number()), mask: z.array(z.number()) })),
  losses: z.array(z.number()).length(20),
});
const Reference = z.object({
  settings: z.object({
    maxLength: z.number(),
    learning_rate: z.number(),
    weight_decay: z.number(),
    adam_beta1: z.number(),
    adam_beta2: z.number(),
    adam_epsilon: z.number(),
    max_grad_norm: z.number(),
  }),
  templates: z.object({ marked: z.string(), plain: z.string() }),
  conversations: z.array(z.array(z.object({ role: z.string(), content: z.string() }))),
  assistantOnly: Run,
  completionOnly: Run,
});

// Values from TRL (tests/numerics/reference/trl/sft.py).
const reference = Reference.parse(
  JSON.parse(readFileSync(new URL('../../numerics/reference/trl/sft.reference.json', import.meta.url), 'utf8')),
);
const folder = fileURLToPath(decoderFolder('llama'));
const { settings, templates, conversations } = reference;

const messages = { kind: 'messages', column: 'messages' } as const;
const pairs = {
  kind: 'promptCompletion',
  promptColumn: 'prompt',
  completionColumn: 'completion',
  systemColumn: null,
} as const;
const rows = conversations.map((turns) => ({
  messages: JSON.stringify(turns),
  prompt: turns[0]!.content,
  completion: turns[1]!.content,
}));

/** How TRL was asked, in the words of this product: of marked answers, and of completions that prompts go before. */
const cases = [
  ['assistant_only_loss', reference.assistantOnly, messages, 'assistantTurns', templates.marked],
  ['completion_only_loss', reference.completionOnly, pairs, 'completions', templates.plain],
] as const;

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let engine: Engine;
let baseModelDigest: string;
let datasetDigest: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  engine = await createEngine({ target: 'cpu', threads: 2 });
  baseModelDigest = (await importModel(fromFolder(folder), workshop.tools)).digest;
  const columns = { messages: 'VARCHAR', prompt: 'VARCHAR', completion: 'VARCHAR' };
  const splits = ['train', 'validation'].flatMap((split) => rows.map((row) => ({ split, ...row })));
  datasetDigest = await writeTable(workshop.store, workshop.root, columns, splits);
});
afterAll(async () => {
  await engine?.release();
  await workshop?.close();
});

describe.each(cases)('%s of SFTTrainer', (_, expected, form, learned, template) => {
  test('reads the same tokens, and asks for the same', () => {
    const tokenizer = createTokenizer(readFileSync(`${folder}/tokenizer.json`));
    const config = JSON.parse(readFileSync(`${folder}/tokenizer_config.json`, 'utf8'));
    const { bos_token, eos_token } = config;
    const source = { template: null, specialTokens: { bos_token, eos_token } };
    const writing = createWriting(tokenizer, source, { template, learned, now: new Date(0) });
    const length = { maxLength: settings.maxLength, truncationSide: 'right' } as const;
    const written = rows.map((row) => {
      const { ids, targetMask } = encodeConversation(
        tokenizer,
        writeConversation(readConversation(form, row), writing),
        length,
      );
      return { ids, mask: targetMask };
    });
    expect(written).toEqual(expected.written);
  });

  test.each(['separate', 'packed'] as const)('has the same losses in 20 steps, rows %s', async (packing) => {
    const spec: InstructionTuningSpec = instructionTuningSpec({
      baseModelDigest,
      datasetDigest,
      conversation: form,
      learned,
      chatTemplate: template,
      packing,
      hyperparameters: {
        ...defaults,
        epochs: 20,
        // All conversations, of which each step of TRL's is, too.
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
        checkpointEverySteps: 20,
      },
    });
    const recorded = recordingContext();
    const tools = { engine, store: workshop.store, clock: () => 0, availableBytes: () => 8e9 };
    const outcome = await train(jobOf(spec), recorded.context, tools);
    expect(outcome.kind).toBe('finished');
    const losses = [...recorded.series('train/loss').values()];
    expect(losses).toHaveLength(20);
    expect(losses[0]).toBeCloseTo(expected.losses[0]!, 5);
    for (const [step, loss] of expected.losses.entries()) expect(losses[step], `step ${step + 1}`).toBeCloseTo(loss, 3);
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
  });
});
