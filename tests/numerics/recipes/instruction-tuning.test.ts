import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../gpu-worker/data/random.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { type InstructionChoice, instructionTuningSpec } from '../../support/specs.js';
import { jobOf, last } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;

const columns = { prompt: 'VARCHAR', completion: 'VARCHAR', system: 'VARCHAR', messages: 'VARCHAR' };

/** Questions whose answer follows from them: which of two animals is named, and what the other does. */
function rows(count: number) {
  const random = createRandom(11);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(uniform(random) * choices.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const [colour, animal] = [pick(['red', 'blue']), pick(['cat', 'dog'])];
    const prompt = `the ${colour} ${animal} here`;
    const completion = `${animal} ${animal === 'cat' ? 'sleeps' : 'runs'} now`;
    const messages = [
      { role: 'user', content: prompt },
      { role: 'assistant', content: colour },
      { role: 'user', content: 'a' },
      { role: 'assistant', content: completion },
    ];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      prompt,
      // Without a template, nothing stands between the two.
      completion: ` ${completion}`,
      system: index % 2 === 0 ? 'now' : null,
      messages: JSON.stringify(messages),
    };
  });
}

beforeAll(async () => {
  workshop = await openWorkshop();
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows(80));
});
afterAll(() => workshop[Symbol.asyncDispose]());

const template = `{% for m in messages %}{{ m.role }} {{ m.content }} here {% endfor %}{% if add_generation_prompt %}assistant {% endif %}`;
const messages = { kind: 'messages', column: 'messages' } as const;

async function attempt(more: Partial<Hyperparameters> = {}, choice: InstructionChoice = {}) {
  const spec = instructionTuningSpec({
    baseModelDigest: await writeTinyEncoder(workshop.store, 'llama', { languageModel: true }),
    datasetDigest,
    ...choice,
    hyperparameters: { ...defaults, dropout: 0, maxLength: 36, epochs: 2, ...more },
  });
  const recorded = recordingContext();
  return { ...recorded, outcome: await train(jobOf(spec), recorded.context, workshop.tools) };
}

async function finish(...given: Parameters<typeof attempt>) {
  const { outcome, ...recorded } = await attempt(...given);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, model: outcome.model };
}

/** How many tokens of the training split are learned. */
function learned({ logged }: { readonly logged: () => string[] }): number {
  const line = logged().find((each) => each.startsWith('Split train'))!;
  return Number(/, (\d+) of them learned/.exec(line)?.[1]);
}

describe('answers', () => {
  it('are learned, and the questions are not', async () => {
    const run = await finish({ epochs: 12 });
    // Three words, and no token ends a text of this tokenizer.
    expect(learned(run)).toBe(60 * 3);
    expect(run.series('validation/loss').get(0)).toBeGreaterThan(2);
    // The first word of an answer repeats the animal, the second follows from it, and the third is always the same.
    expect(last(run.series('validation/loss'))).toBeLessThan(0.3);
    expect(last(run.series('validation/tokenAccuracy'))).toBeGreaterThan(0.95);
    expect(last(run.series('validation/bitsPerByte'))).toBeLessThan(0.3);
  });

  it('of conversations: the last one, all, or every token', async () => {
    const of = (choice: InstructionChoice) =>
      finish({ epochs: 1 }, { conversation: messages, chatTemplate: template, ...choice });
    // A word that ends the turn belongs to the answer.
    expect(learned(await of({}))).toBe(60 * 4);
    expect(learned(await of({ learned: 'assistantTurns' }))).toBe(60 * 6);
    // Four turns of role and end, with 4 + 1 + 1 + 3 words, less the first token.
    expect(learned(await of({ learned: 'everything' }))).toBe(60 * (8 + 9 - 1));
  });

  it('go out with the template that they were written by', async () => {
    const { model } = await finish({ epochs: 1 }, { conversation: messages, chatTemplate: template });
    const file = model.manifest.files.find(({ name }) => name === 'chat_template.jinja')!;
    expect((await workshop.store.read(file.digest)).toString()).toBe(template);
    expect(model.artifacts.map(({ digest }) => digest)).toContain(file.digest);
  });

  it('read what the model is told before, where a row says something', async () => {
    const form = { kind: 'promptCompletion', promptColumn: 'prompt', completionColumn: 'completion' } as const;
    const [without, told] = [
      await finish({ epochs: 1 }),
      await finish({ epochs: 1 }, { conversation: { ...form, systemColumn: 'system' } }),
    ];
    expect(learned(told)).toBe(learned(without));
    const tokens = (run: typeof told) =>
      Number(/conversations, (\d+) tokens/.exec(run.logged().find((line) => line.startsWith('Split train'))!)![1]);
    expect(tokens(told) - tokens(without)).toBe(40);
  });

  it('have the same losses in rows of several conversations as in rows of one', async () => {
    const all = { batchSize: 64, epochs: 3 };
    const packed = await finish(all);
    const separate = await finish(all, { packing: 'separate' });
    const losses = [...separate.series('train/loss')];
    expect(losses.length).toBe(3);
    for (const [step, loss] of losses) expect(packed.series('train/loss').get(step)).toBeCloseTo(loss!, 4);
    expect(packed.series('validation/loss').get(0)).toBeCloseTo(separate.series('validation/loss').get(0)!, 4);
  });

  it('of one batch of 8 rows and of eight of 1 give the same update: the mean is over tokens', async () => {
    // Answers of 1 to 4 words: a mean of the rows' means would be another.
    const unequal = Array.from({ length: 10 }, (_, index) => ({
      split: index < 8 ? 'train' : 'validation',
      prompt: 'the red dog here',
      completion: ` ${['runs', 'cat sleeps', 'dog runs now', 'cat sleeps now a'][index % 4]}`,
    }));
    const digest = await writeTable(workshop.store, workshop.folder, columns, unequal);
    const [together, parts] = [{ batchSize: 8 }, { batchSize: 1, gradientAccumulationSteps: 8 }].map((batches) =>
      finish({ ...batches, epochs: 4 }, { datasetDigest: digest, packing: 'separate' }),
    );
    const [whole, summed] = [await together!, await parts!];
    expect(whole.series('train/loss').size).toBe(4);
    for (const key of ['train/loss', 'train/gradientNorm', 'validation/loss']) {
      const expected = whole.series(key);
      expect([...summed.series(key).keys()], key).toEqual([...expected.keys()]);
      for (const [step, value] of expected)
        expect(summed.series(key).get(step), `${key} ${step}`).toBeCloseTo(value!, 4);
    }
  });

  it('are learned alike from columns of each form', async () => {
    const conversations = rows(40).map(({ split, prompt, completion }) => ({
      split,
      prompt,
      completion: completion.trim(),
      messages: JSON.stringify([
        { role: 'user', content: prompt },
        { role: 'assistant', content: completion.trim() },
      ]),
      turns: JSON.stringify([
        { from: 'human', value: prompt },
        { from: 'gpt', value: completion.trim() },
      ]),
    }));
    const digest = await writeTable(
      workshop.store,
      workshop.folder,
      { prompt: 'VARCHAR', completion: 'VARCHAR', messages: 'VARCHAR', turns: 'VARCHAR' },
      conversations,
    );
    const forms = [
      { kind: 'promptCompletion', promptColumn: 'prompt', completionColumn: 'completion', systemColumn: null },
      messages,
      { kind: 'alpaca', instructionColumn: 'prompt', inputColumn: null, outputColumn: 'completion' },
      { kind: 'shareGpt', column: 'turns' },
    ] as const;
    const weights = [];
    for (const conversation of forms) {
      const run = await finish({ epochs: 1 }, { datasetDigest: digest, conversation, chatTemplate: template });
      weights.push(run.model.manifest.weights);
    }
    for (const each of weights) expect(each).toEqual(weights[0]);
  });

  it('equal specs give equal bytes', async () => {
    const [first, second] = [await finish({ dropout: null }), await finish({ dropout: null })];
    expect(second.model.digest).toBe(first.model.digest);
  });
});

describe('rows that can not be learned', () => {
  it('are refused, with the first of them and how many there are', async () => {
    const { outcome } = await attempt({ maxLength: 5 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'UNLEARNABLE_ROWS',
        path: ['trainSplit'],
        message: expect.stringMatching(
          /^60 of 60 rows of split “train” can not be learned: row 0: its answers lie beyond/,
        ),
        hint: expect.stringContaining('maxLength'),
      },
    });
  });

  it('are left out where the spec says so', async () => {
    const broken = rows(40).map((row, index) => ({
      ...row,
      messages: index % 8 === 0 ? '[{"role":"user"}]' : row.messages,
    }));
    const digest = await writeTable(workshop.store, workshop.folder, columns, broken);
    const choice = { conversation: messages, chatTemplate: template, datasetDigest: digest };
    const refused = await attempt({}, choice);
    expect(refused.outcome).toMatchObject({
      problem: { message: expect.stringContaining('row 0: column “messages”, turn 1: `content` is missing') },
    });
    const { events } = await finish({ epochs: 1 }, { ...choice, unlearnable: 'leaveOut' });
    expect(events).toContainEqual({
      kind: 'logLine',
      level: 'WARNING',
      message: expect.stringContaining('Split train: 25 conversations'),
    });
  });

  it('lists of turns need a template', async () => {
    const { outcome } = await attempt({}, { conversation: messages });
    expect(outcome).toMatchObject({
      problem: { code: 'UNLEARNABLE_ROWS', message: expect.stringContaining('the model has no chat template') },
    });
  });

  it('a template that can not be read is refused', async () => {
    const { outcome } = await attempt({}, { conversation: messages, chatTemplate: '{% for %}' });
    expect(outcome).toMatchObject({ problem: { code: 'INVALID_VALUE', path: ['chatTemplate'] } });
  });
});
