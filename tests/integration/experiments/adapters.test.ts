import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel, insertDataset, tinyBert } from '../../support/rows.js';

interface Problem {
  path: string[];
  code: string;
  message: string;
  hint: string | null;
}
interface Plan {
  trainableParameters: number;
  frozenParameters: number;
  estimatedMemoryBytes: number;
  totalSteps: number;
  hyperparameters: {
    learningRate: number;
    epochs: number;
    batchSize: number;
    dropout: number | null;
    pooling: string | null;
    truncationSide: string;
    adapter: Record<string, unknown> | null;
  };
  defaults: { hyperparameter: string; value: string; reason: string }[];
  tokens: {
    sampledExamples: number;
    mean: number;
    median: number;
    longest: number;
    meanAfterTruncation: number;
    truncatedShare: number;
  };
  example: {
    texts: string[];
    tokenization: {
      truncated: boolean;
      tokens: { token: string; start: number | null; end: number | null; sequence: number | null }[];
    };
  } | null;
  problems?: Problem[];
}

const query = /* GraphQL */ `
  query Plan($input: CreateExperimentInput!) {
    planExperiment(input: $input) {
      ... on ExperimentPlan {
        trainableParameters frozenParameters estimatedMemoryBytes
        totalSteps
        hyperparameters {
          learningRate epochs batchSize dropout pooling truncationSide
          adapter { rank alpha scale dropout rankStabilized targetModules frozenWeights }
        }
        defaults { hyperparameter value reason }
        tokens { sampledExamples mean median longest meanAfterTruncation truncatedShare }
        example { texts tokenization { truncated tokens { token start end sequence } } }
      }
      ... on Problems { problems { path code message hint } }
    }
  }
`;

let api: TestApi;
let [bert, useLite, version] = ['', '', ''];
beforeAll(async () => {
  api = await startTestApi();
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'mails' });
  version = ids.version(versionIds[0]!);
  const add = async (name: string, manifest?: typeof tinyBert) =>
    ids.baseModel(
      await insertBaseModel(api.dataSource, api.projectId, { name, ...(manifest === undefined ? {} : { manifest }) }),
    );
  bert = await add('bert', tinyBert);
  useLite = await add('use-lite');
});
afterAll(() => api?.close());

async function plan(
  hyperparameters: Record<string, unknown>,
  options: { readonly model?: string; readonly method?: Record<string, unknown> } = {},
): Promise<Plan> {
  const supervised = { textColumn: 'text', labelColumn: 'label', ...options.method };
  const input = {
    name: 'plan',
    baseModelId: options.model ?? bert,
    datasetVersionId: version,
    method: { supervised },
    hyperparameters,
  };
  return (await api.request<{ planExperiment: Plan }>(query, { input })).planExperiment;
}

async function problemsOf(...given: Parameters<typeof plan>): Promise<Problem[]> {
  return (await plan(...given)).problems ?? [];
}

const lora = (config: Record<string, unknown> = {}) => ({ adapter: { lora: config } });
/** 2 labels × (8 weights + 1 bias). */
const head = 18;
/** tinyBert has no pooler: a new one, 8 × 8 weights and 8 biases. */
const pooler = 72;

describe('families', () => {
  test('an encoder has the dropout of its configuration, and reads its first token', async () => {
    expect((await plan({})).hyperparameters).toMatchObject({
      dropout: null,
      pooling: 'FIRST_TOKEN',
      truncationSide: 'RIGHT',
      adapter: null,
    });
    expect((await plan({ dropout: 0.2, pooling: 'MEAN', truncationSide: 'LEFT' })).hyperparameters).toMatchObject({
      dropout: 0.2,
      pooling: 'MEAN',
      truncationSide: 'LEFT',
    });
  });

  test('Universal Sentence Encoder Lite has a pooling of its own, no dropout, and no pairs', async () => {
    expect((await plan({}, { model: useLite })).hyperparameters).toMatchObject({ dropout: 0, pooling: null });
    expect(await problemsOf({ pooling: 'MEAN' }, { model: useLite })).toMatchObject([
      { path: ['hyperparameters', 'pooling'], code: 'INVALID_VALUE' },
    ]);
    expect(
      await problemsOf({}, { model: useLite, method: { textPairColumn: 'label', labelColumn: 'stars' } }),
    ).toMatchObject([{ path: ['method', 'supervised', 'textPairColumn'], code: 'INVALID_VALUE' }]);
  });

  test('a model keeps the pooling and the side of cutting it was fine-tuned with', async () => {
    const manifest = { ...tinyBert, pooling: 'mean', truncationSide: 'left' } as const;
    const tuned = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'tuned', manifest }));
    expect((await plan({}, { model: tuned })).hyperparameters).toMatchObject({
      pooling: 'MEAN',
      truncationSide: 'LEFT',
    });
  });
});

describe('what is trained', () => {
  const all = 1296 + 2 * 600;

  test.each([
    ['everything, with a new pooler', {}, all + pooler + head, 0],
    ['everything, mean of the tokens', { pooling: 'MEAN' }, all + head, 0],
    ['a prefix frozen', { freeze: { kind: 'PREFIX', layers: 1 } }, 600 + pooler + head, 1296 + 600],
    ['the head alone, and the new pooler', { freeze: { kind: 'ENCODER' } }, pooler + head, all],
    // Query and value of two layers: rank 8 × (8 inputs + 8 outputs) each.
    ['an adapter', lora(), 4 * 128 + pooler + head, all],
    [
      'an adapter on the feed-forward layers',
      lora({ rank: 2, targetModules: ['intermediate.dense'] }),
      2 * 2 * 24 + pooler + head,
      all,
    ],
    ['an adapter by pattern', lora({ rank: 1, targetModules: ['regex:.*layer\\.0.*query'] }), 16 + pooler + head, all],
    // Six projections a layer: 4 of 8 × 8, one 16 × 8, one 8 × 16.
    [
      'an adapter everywhere',
      lora({ rank: 1, targetModules: ['all-linear'] }),
      2 * (4 * 16 + 2 * 24) + pooler + head,
      all,
    ],
  ])('%s', async (_, hyperparameters, trainable, frozen) => {
    const { trainableParameters, frozenParameters } = await plan(hyperparameters);
    expect({ trainableParameters, frozenParameters }).toEqual({
      trainableParameters: trainable,
      frozenParameters: frozen,
    });
  });

  test('defaults of an adapter are filled in', async () => {
    expect((await plan(lora())).hyperparameters.adapter).toEqual({
      rank: 8,
      alpha: 16,
      scale: 2,
      dropout: 0,
      rankStabilized: false,
      targetModules: ['query', 'value'],
      frozenWeights: 'FLOAT32',
    });
    const stabilized = await plan(lora({ rank: 16, alpha: 8, rankStabilized: true }));
    expect(stabilized.hyperparameters.adapter).toMatchObject({ scale: 2 });
  });

  test('frozen weights in fewer bits are shown, and take less memory', async () => {
    const { config, layers } = tinyBert;
    // Projections of 512 × 512 weights in place of 8 × 8.
    const wide = layers.map((layer) => {
      const tensors = layer.tensors.map((tensor) =>
        tensor.shape.length === 2 && layer.index > 0 ? { ...tensor, shape: [512, 512] } : tensor,
      );
      const parameterCount = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      return { ...layer, tensors, parameterCount };
    });
    const manifest = { ...tinyBert, config, layers: wide };
    const model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'wide', manifest }));
    const memory: number[] = [];
    for (const frozenWeights of ['FLOAT32', 'FLOAT16', 'INT8', 'INT4']) {
      const planned = await plan(lora({ frozenWeights }), { model });
      expect(planned.hyperparameters.adapter).toMatchObject({ frozenWeights });
      memory.push(Number(planned.estimatedMemoryBytes));
    }
    expect(memory).toEqual(memory.toSorted((a, b) => b - a));
    expect(new Set(memory).size).toBe(4);
  });
});

describe('what is refused', () => {
  const targets = ['hyperparameters', 'adapter', 'lora', 'targetModules'];

  test('a target that means nothing, with what was probably meant', async () => {
    const [found, ...more] = await problemsOf(lora({ targetModules: ['value', 'querry'] }));
    expect(found).toMatchObject({ path: [...targets, '1'], code: 'UNKNOWN_MODULE' });
    expect(found!.hint).toContain('Did you mean “query”?');
    expect(more).toEqual([]);
  });

  test.each([
    ['a pattern that matches nothing', lora({ targetModules: ['regex:query'] }), [...targets, '0'], 'UNKNOWN_MODULE'],
    ['a pattern that is none', lora({ targetModules: ['regex:('] }), [...targets, '0'], 'INVALID_VALUE'],
    ['no targets', lora({ targetModules: [] }), targets, 'INVALID_VALUE'],
    ['embeddings', lora({ targetModules: ['word_embeddings'] }), [...targets, '0'], 'UNKNOWN_MODULE'],
    ['rank 0', lora({ rank: 0 }), ['hyperparameters', 'adapter', 'lora', 'rank'], 'INVALID_VALUE'],
    ['alpha 0', lora({ alpha: 0 }), ['hyperparameters', 'adapter', 'lora', 'alpha'], 'INVALID_VALUE'],
    ['dropout 1', lora({ dropout: 1 }), ['hyperparameters', 'adapter', 'lora', 'dropout'], 'INVALID_VALUE'],
    ['freezing beside it', { ...lora(), freeze: { kind: 'ENCODER' } }, ['hyperparameters', 'freeze'], 'INVALID_VALUE'],
  ])('%s', async (_, hyperparameters, path, code) => {
    expect(await problemsOf(hyperparameters)).toMatchObject([{ path, code }]);
  });

  test.each([
    ['one that is not there', 'premise', 'UNKNOWN_COLUMN'],
    ['one of numbers', 'stars', 'WRONG_COLUMN_TYPE'],
    ['the first text', 'text', 'INVALID_VALUE'],
  ])('a column of second texts: %s', async (_, textPairColumn, code) => {
    expect(await problemsOf({}, { method: { textPairColumn } })).toMatchObject([
      { path: ['method', 'supervised', 'textPairColumn'], code },
    ]);
  });

  test('second texts, of whose type of tokens the model has no row', async () => {
    const config = { ...tinyBert.config, tokenTypes: 1 } as ModelManifest['config'];
    const manifest = { ...tinyBert, config };
    const model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'one-type', manifest }));
    expect(await problemsOf({}, { model, method: { textPairColumn: 'label', labelColumn: 'stars' } })).toMatchObject([
      {
        path: ['method', 'supervised', 'textPairColumn'],
        code: 'INVALID_VALUE',
        message: expect.stringContaining('the type 1, and the model has rows for the type 0 alone'),
      },
    ]);
  });

  test('labels that are the second texts', async () => {
    expect(await problemsOf({}, { method: { textPairColumn: 'label' } })).toMatchObject([
      { path: ['method', 'supervised', 'labelColumn'], code: 'INVALID_VALUE' },
    ]);
  });
});

describe('defaults that depend on the model', () => {
  const told = async (hyperparameters: Record<string, unknown>, model?: string) => {
    const { defaults } = await plan(hyperparameters, model === undefined ? {} : { model });
    return Object.fromEntries(defaults.map(({ hyperparameter, value, reason }) => [hyperparameter, [value, reason]]));
  };

  test('are told with their reasons, unless they are given', async () => {
    expect(await told({})).toEqual({
      learningRate: ['0.0003', expect.stringContaining('Trains the encoder itself of a model 8 wide')],
      // The training split has 80 rows.
      epochs: [
        '40',
        expect.stringMatching(
          /^80 examples give 5 updates an epoch, and for the encoder itself the default is about 200 updates/,
        ),
      ],
      batchSize: ['16', expect.stringContaining('At most 2,000 examples')],
      pooling: ['FIRST_TOKEN', expect.stringContaining('do not say how it pools')],
      maxLength: ['40', 'The model reads no more tokens.'],
    });
    expect(await told({ ...lora(), batchSize: 4, pooling: 'MEAN', maxLength: 12 })).toEqual({
      learningRate: ['0.002', expect.stringContaining('Trains an adapter')],
      epochs: ['13', expect.stringContaining('20 updates an epoch')],
    });
    expect(await told({ learningRate: 0.1, epochs: 2 }, useLite)).toEqual({
      batchSize: ['16', expect.stringContaining('At most 2,000 examples')],
      maxLength: ['128', 'It is the usual length.'],
      pooling: ['null', 'Models of this family have a pooling of their own.'],
    });
  });

  test('are what the experiment is made with', async () => {
    const { hyperparameters, totalSteps } = await plan({ freeze: { kind: 'ENCODER' } });
    expect(hyperparameters).toMatchObject({ learningRate: 0.01, epochs: 100, batchSize: 32 });
    expect(totalSteps).toBe(300);
    expect((await plan({ learningRate: 0.1, epochs: 2 })).hyperparameters).toMatchObject({
      learningRate: 0.1,
      epochs: 2,
    });
  });

  test('the pooling is the one that the model’s files name', async () => {
    const manifest = { ...tinyBert, pooling: 'mean' as const };
    const model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'sentences', manifest }));
    expect((await plan({}, { model })).hyperparameters.pooling).toBe('MEAN');
    expect((await told({}, model)).pooling).toEqual(['MEAN', expect.stringContaining('1_Pooling')]);
    expect((await plan({ pooling: 'FIRST_TOKEN' }, { model })).hyperparameters.pooling).toBe('FIRST_TOKEN');
  });
});

describe('a causal model', () => {
  const withLogits: ModelManifest = {
    ...tinyBert,
    config: {
      architecture: 'llama',
      vocabularySize: 120,
      hiddenSize: 8,
      intermediateSize: 16,
      attentionHeads: 2,
      keyValueHeads: 1,
      headSize: 4,
      layers: 2,
      maxPositions: 40,
      normEpsilon: 1e-6,
      rotaryBase: 10_000,
      rotaryScaling: { kind: 'none' },
      slidingWindow: null,
      attentionBias: false,
      feedForwardBias: false,
      attentionDropout: 0,
      classifierDropout: 0.1,
      padTokenId: null,
      tiesEmbeddings: false,
    },
    layers: [
      ...tinyBert.layers,
      {
        name: 'lm_head',
        index: 3,
        parameterCount: 960,
        tensors: [{ name: 'lm_head.weight', shape: [120, 8], dtype: 'F32' }],
      },
    ],
  };

  test('is read by its last token, with a head that has no bias, and without what predicts the next token', async () => {
    const manifest = withLogits;
    const model = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name: 'causal', manifest }));
    const { hyperparameters, trainableParameters, frozenParameters } = await plan({}, { model });
    expect(hyperparameters.pooling).toBe('LAST_TOKEN');
    const ofLayers = tinyBert.layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
    // A head of two labels: 2 · 8 weights.
    expect(Number(trainableParameters)).toBe(ofLayers + 16);
    expect(Number(frozenParameters)).toBe(960);
    expect(await problemsOf({ pooling: 'FIRST_TOKEN' }, { model })).toMatchObject([
      {
        path: ['hyperparameters', 'pooling'],
        code: 'INVALID_VALUE',
        hint: 'Choose LAST_TOKEN or MEAN.',
      },
    ]);
    expect(await problemsOf({ pooling: 'LAST_TOKEN' })).toMatchObject([{ hint: 'Choose FIRST_TOKEN or MEAN.' }]);
  });
});

describe('how long the texts are', () => {
  // The sample has the texts `text 0 a b c d` … `text 79 a b c d`; the vocabulary knows single letters and digits.
  test('tokens are counted in a sample, and one example is shown', async () => {
    const { tokens, example } = await plan({ maxLength: 40 });
    expect(tokens).toMatchObject({ sampledExamples: 80, truncatedShare: 0 });
    expect(tokens.meanAfterTruncation).toBe(tokens.mean);
    expect(example!.texts).toEqual(['text 0 a b c d']);
    const { tokenization } = example!;
    expect(tokenization.tokens.at(0)).toEqual({ token: '[CLS]', start: null, end: null, sequence: null });
    expect(tokenization.tokens.at(-1)!.token).toBe('[SEP]');
    // The texts' own tokens lie one after the other over the whole text.
    const own = tokenization.tokens.filter(({ sequence }) => sequence === 0);
    expect([own[0]!.start, own.at(-1)!.end]).toEqual([0, 'text 0 a b c d'.length]);
  });

  test('what is cut is counted, and shown cut', async () => {
    const { tokens, example } = await plan({ maxLength: 4 });
    expect(tokens.truncatedShare).toBe(1);
    expect(tokens.meanAfterTruncation).toBe(4);
    expect(tokens.longest).toBeGreaterThan(4);
    expect(example!.tokenization).toMatchObject({ truncated: true });
    expect(example!.tokenization.tokens).toHaveLength(4);
  });

  test('pairs are read as pairs', async () => {
    const { example } = await plan({ maxLength: 40 }, { method: { textPairColumn: 'label', labelColumn: 'stars' } });
    expect(example!.texts).toEqual(['text 0 a b c d', 'label 0 a b c d']);
    expect(new Set(example!.tokenization.tokens.map(({ sequence }) => sequence))).toEqual(new Set([null, 0, 1]));
  });
});

describe('tokenize', () => {
  const tokenize = async (args: string, id = bert) => {
    const { body } = await api.send<{ node: { tokenize: Plan['example'] } }>(
      `query ($id: ID!) { node(id: $id) { ... on BaseModel { tokenize(${args}) { truncated tokens { token start end sequence } } } } }`,
      { id },
    );
    return body;
  };

  test('shows where a text is cut, on either side', async () => {
    const right = await tokenize('text: "a b c d e f g h i j k", maxLength: 8');
    const left = await tokenize('text: "a b c d e f g h i j k", maxLength: 8, truncationSide: LEFT');
    const starts = (answer: typeof right) =>
      (answer.data!.node.tokenize as unknown as NonNullable<Plan['example']>['tokenization']).tokens.map(
        ({ start }) => start,
      );
    expect(starts(right)).toEqual([null, 0, 2, 4, 6, 8, 10, null]);
    expect(starts(left)).toEqual([null, 10, 12, 14, 16, 18, 20, null]);
  });

  test.each([
    ['text: "a", maxLength: 3', 'BAD_USER_INPUT'],
    ['text: "a", maxLength: 41', 'BAD_USER_INPUT'],
  ])('%s is refused', async (args, code) => {
    expect((await tokenize(args)).errors?.[0]?.extensions.code).toBe(code);
  });

  test.each([
    ['few', 4, 4],
    ['more than it reads', 100, 40],
  ])('a model trained at %s tokens is asked without a length', async (name, maxLength, expected) => {
    const manifest = { ...tinyBert, maxLength };
    const id = ids.baseModel(await insertBaseModel(api.dataSource, api.projectId, { name, manifest }));
    const { data, errors } = await tokenize(`text: "${'a '.repeat(60)}"`, id);
    expect(errors).toBeUndefined();
    expect(data!.node.tokenize).toMatchObject({ truncated: true, tokens: { length: expected } });
  });

  test('special tokens are those of the tokenizer', async () => {
    const { node } = await api.request<{ node: { tokenizer: { specialTokens: { token: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on BaseModel { tokenizer { specialTokens { id token } } } } }',
      { id: bert },
    );
    const tokens = node.tokenizer.specialTokens.map(({ token }) => token);
    expect(tokens).toEqual(expect.arrayContaining(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']));
  });
});
