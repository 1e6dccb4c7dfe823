import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { withinQuota } from '../../../gpu-worker/transfer-jobs/within-quota.js';
import { usualLicencePolicy } from '../../../src/protocol/licences/policy.js';
import { fromFolder, inspectedIn, openWorkshop, refusalOf, type Workshop } from './import-tools.js';

/** An inspection answers what an import would answer, goes on where it can, and takes no nonsense. */

let workshop: Workshop;
let path: string;
beforeEach(async () => {
  workshop = await openWorkshop();
  path = await workshop.copyOf('bert');
});
afterEach(() => workshop.close());

async function configured(change: (config: Record<string, unknown>) => void): Promise<void> {
  const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'));
  change(config);
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
}

/** A file of weights with a header that is written here. */
async function headed(header: string, claimed = Buffer.byteLength(header), data = 0): Promise<void> {
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(claimed));
  await writeFile(join(path, 'model.safetensors'), Buffer.concat([start, Buffer.from(header), Buffer.alloc(data)]));
}

/** Ways to break a model, each of which an import refuses. */
const breakages: readonly (readonly [string, () => Promise<void>])[] = [
  ['a family that is not there', () => configured((config) => (config.model_type = 'mamba'))],
  ['an option that is not there', () => configured((config) => (config.hidden_act = 'swish'))],
  ['quantized weights', () => configured((config) => (config.quantization_config = { bits: 4 }))],
  ['another vocabulary', () => configured((config) => (config.vocab_size = 50))],
  ['more layers than the files have', () => configured((config) => (config.num_hidden_layers = 3))],
  ['sizes beyond any table', () => configured((config) => (config.vocab_size = 2 ** 60))],
  ['no configuration', () => rm(join(path, 'config.json'))],
  ['no tokenizer', () => rm(join(path, 'tokenizer.json'))],
  ['no weights', () => rm(join(path, 'model.safetensors'))],
  ['a configuration that is cut off', () => writeFile(join(path, 'config.json'), '{"model_type":')],
  [
    'a configuration of lists in lists',
    () => writeFile(join(path, 'config.json'), `{"pruned_heads":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  ],
  ['a header longer than the file', () => headed('{}', 2 ** 40)],
  ['a header that is no JSON', () => headed('nonsense')],
  ['tensors beyond the file', () => headed('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')],
  [
    'a shape beyond all numbers',
    () => headed('{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}}', undefined, 8),
  ],
  ['a negative shape', () => headed('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}', undefined, 8)],
  [
    'a pointer of Git LFS',
    () =>
      writeFile(join(path, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
  ],
];

describe.each(breakages)('%s', (_, damage) => {
  test('is the first problem of an inspection, as an import has it', async () => {
    await damage();
    const refusal = await refusalOf(workshop, path);
    const { problems, source } = await inspectedIn(workshop, path);
    expect(source).toBe(`folder:${path}`);
    expect(problems[0]).toEqual(refusal);
  });
});

test('what is not supported does not hide the rest', async () => {
  await configured((config) => {
    config.model_type = 'mamba';
    config.dtype = 'bfloat16';
  });
  await writeFile(join(path, 'README.md'), '---\nlicense: mit\n---\n');
  expect(await inspectedIn(workshop, path)).toMatchObject({
    model: null,
    modelType: 'mamba',
    className: 'BertForSequenceClassification',
    licence: 'mit',
    tokenizer: { kind: 'WordPiece' },
    precisions: [{ type: 'BF16', parameterCount: null }],
    weights: { fileCount: 1 },
    problems: [
      { code: 'UNSUPPORTED_MODEL', message: expect.stringContaining('mamba'), hint: expect.stringContaining('BERT') },
    ],
  });
});

test('without weights, the configuration tells as many parameters as their headers did', async () => {
  const whole = await inspectedIn(workshop, path);
  await rm(join(path, 'model.safetensors'));
  await writeFile(join(path, 'pytorch_model.bin'), 'a pickle');
  const found = await inspectedIn(workshop, path);
  expect(found).toMatchObject({
    countedIn: 'CONFIGURATION',
    weights: null,
    problems: [{ code: 'UNSUPPORTED_MODEL', message: expect.stringContaining('a PyTorch pickle') }],
  });
  expect(found.model).toEqual(whole.model);
  expect(found.precisions).toEqual([{ type: 'F32', parameterCount: whole.model!.parameterCount }]);
});

test('memory, licence and quota are problems that an import would have', async () => {
  const small = { ...workshop, tools: { ...workshop.tools, memoryBytes: 1000 } };
  const refusal = await refusalOf(small, path);
  const denied = await inspectedIn(small, path, { licencePolicy: { ...usualLicencePolicy, unknown: 'DENY' } });
  expect(denied.problems).toEqual([refusal, expect.objectContaining({ code: 'LICENCE_DENIED', path: ['source'] })]);
  expect(refusal).toMatchObject({ code: 'OUT_OF_MEMORY' });
  const { requireRoom } = withinQuota(workshop.store, 1000);
  const full = { ...workshop, tools: { ...workshop.tools, requireRoom } };
  expect((await inspectedIn(full, path)).problems[0]).toEqual(await refusalOf(full, path));
  expect(await refusalOf(full, path)).toMatchObject({ path: [], code: 'QUOTA_EXCEEDED' });
});

test('names in the files do not break what stores them', async () => {
  await configured((config) => {
    config.model_type = `mamba\0${'x'.repeat(10_000)}`;
    config.architectures = ['A\0B'];
  });
  const { modelType, className, problems } = await inspectedIn(workshop, path);
  expect(modelType).toHaveLength(200);
  for (const text of [modelType, className, problems[0]!.message]) expect(text).not.toContain('\0');
  expect(problems[0]!.message.length).toBeLessThan(400);
});

test('an adapter is told from its configuration, and with its base model whole', async () => {
  const adapter = await workshop.copyOf('adapters/bert-lora/trained');
  const base = await importModel(fromFolder(await workshop.copyOf('bert-bare')), workshop.tools);
  const alone = await inspectedIn(workshop, adapter);
  expect(alone).toMatchObject({
    model: null,
    adapter: { rank: 4, parameterCount: null },
    problems: [{ path: ['adapterBase'], code: 'REQUIRED' }],
  });
  const asked = { adapterBaseDigest: base.digest };
  const found = await inspectedIn(workshop, adapter, asked);
  const imported = await importModel({ ...fromFolder(adapter), ...asked }, workshop.tools);
  expect(found.problems).toEqual([]);
  const { layers, heads, parameterCount, pooling, maxLength } = imported.manifest;
  expect(found.model).toMatchObject({ layers, heads, parameterCount, pooling, maxLength });
  expect(found.adapter).toMatchObject({
    rank: imported.manifest.adapter!.config.rank,
    targetModules: imported.manifest.adapter!.config.targetModules,
    parameterCount: parameterCount - base.manifest.parameterCount,
  });
});
