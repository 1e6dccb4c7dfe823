import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGenerator } from '../../../gpu-worker/generation/open-generator.js';
import { likeliestTokens } from '../../../gpu-worker/generation/sampling/likeliest.js';
import { writeAnswers } from '../../../gpu-worker/short-jobs/generate.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { GenerationEvent } from '../../../src/protocol/generation.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { instructionTuningSpec, languageModellingSpec } from '../../support/specs.js';
import { jobOf } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;

/** Questions with the animal that the answer begins with. */
const rows = Array.from({ length: 40 }, (_, index) => {
  const animal = index % 2 === 0 ? 'cat' : 'dog';
  const completion = ` ${animal} ${animal === 'cat' ? 'sleeps' : 'runs'} now`;
  const prompt = `the red ${animal} here`;
  return { split: index % 4 === 3 ? 'validation' : 'train', prompt, completion, text: prompt + completion };
});

beforeAll(async () => {
  workshop = await openWorkshop();
  const columns = { prompt: 'VARCHAR', completion: 'VARCHAR', text: 'VARCHAR' };
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows);
});
afterAll(() => workshop[Symbol.asyncDispose]());

const more = { ...defaults, dropout: 0, maxLength: 36, epochs: 2 };

async function tuned(hyperparameters: Partial<Hyperparameters> = {}) {
  const baseModelDigest = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
  return run(
    instructionTuningSpec({ baseModelDigest, datasetDigest, hyperparameters: { ...more, ...hyperparameters } }),
  );
}

async function run(spec: Parameters<typeof jobOf>[0]) {
  const recorded = recordingContext();
  const outcome = await train(jobOf(spec), recorded.context, workshop.tools);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  const written = recorded.events.flatMap((event) => (event.kind === 'textsGenerated' ? [event] : []));
  return { model: outcome.model, written };
}

/** What a model writes, always with the likeliest token. */
async function answerTo(digest: string, text: string): Promise<string> {
  const generator = await openGenerator(workshop.tools.engine, workshop.store, digest, { weights: 'float32' });
  const events: GenerationEvent[] = [];
  const settings = {
    sampling: likeliestTokens,
    stop: [],
    samples: 1,
    topLogProbabilities: null,
    constraint: null,
  } as const;
  try {
    await writeAnswers(
      generator,
      {
        prompts: [{ kind: 'text', text }],
        settings: { ...settings, stop: [], maxTokens: 48, weights: 'float32' },
      },
      { generated: (told) => events.push(...told), onProgress() {} },
      { startedAt: 0, loadMs: 0 },
    );
  } finally {
    await generator.release();
  }
  return events.map((event) => (event.kind === 'tokens' ? event.text : '')).join('');
}

describe('a language model in training', () => {
  it('writes samples before the first update and at each evaluation, the last as the model that it makes', async () => {
    const { model, written } = await tuned({ epochs: 12 });
    const stepsPerEpoch = written[1]!.step;
    expect(written.map(({ step }) => step)).toEqual(Array.from({ length: 13 }, (_, epoch) => epoch * stepsPerEpoch));
    for (const { texts } of written) {
      expect(texts.map(({ prompt }) => prompt.trim())).toEqual(Array(3).fill('[CLS] the red dog here'));
      expect(texts.map(({ expected }) => expected.trim())).toEqual(Array(3).fill('dog runs now'));
    }
    const last = written.at(-1)!.texts[0]!;
    expect(last.text).toBe(await answerTo(model.digest, 'the red dog here'));
    expect(last.text).not.toBe(written[0]!.texts[0]!.text);
  });

  it('writes them with its adapter', async () => {
    const { model, written } = await tuned({ adapter: lora, epochs: 4 });
    expect(written.at(-1)!.texts[0]!.text).toBe(await answerTo(model.digest, 'the red dog here'));
  });

  it.each([
    ['generation_config.json', '{"eos_token_id": '],
    ['tokenizer_config.json', '{"chat_template": 7}'],
    ['special_tokens_map.json', 'no JSON'],
  ])('trains all the same where its %s can not be read', async (name, content) => {
    const usual = await writeTinyEncoder(workshop.store, 'gpt2', { languageModel: true });
    const manifest = JSON.parse((await workshop.store.read(usual)).toString()) as ModelManifest;
    const { digest, sizeBytes } = await workshop.store.write(Buffer.from(content));
    const files = [...manifest.files, { name, digest, sizeBytes }];
    const changed = await workshop.store.write(Buffer.from(JSON.stringify({ ...manifest, files })));
    const spec = { baseModelDigest: changed.digest, datasetDigest, textColumn: 'text', hyperparameters: more };
    const { model } = await run(languageModellingSpec(spec));
    expect(model.manifest.layers).toEqual(manifest.layers);
  });

  it('goes on with the first half of texts', async () => {
    const baseModelDigest = await writeTinyEncoder(workshop.store, 'gpt2', { languageModel: true });
    const { written } = await run(
      languageModellingSpec({ baseModelDigest, datasetDigest, textColumn: 'text', hyperparameters: more }),
    );
    const { prompt, expected } = written[0]!.texts[0]!;
    expect(prompt + expected).toBe(' [CLS] the red dog here dog runs now [SEP]');
    expect(prompt).toBe(' [CLS] the red dog');
  });
});
