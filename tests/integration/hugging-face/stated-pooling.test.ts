import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { fromFolder, openWorkshop, type Workshop } from './import-tools.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const transformer = { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' };
const pooling = { idx: 1, name: '1', path: '1_Pooling', type: 'sentence_transformers.models.Pooling' };
const ofVersion6 = {
  ...pooling,
  type: 'sentence_transformers.sentence_transformer.modules.pooling.Pooling',
};

/** The pooling of a model beside files of sentence-transformers, by their names. */
async function poolingWith(files: Record<string, unknown>, model = 'bert-bare') {
  const folder = await workshop.copyOf(model);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return (await importModel(fromFolder(folder), workshop.tools)).manifest.pooling;
}

const poolingOf = (config: Record<string, unknown>, module = pooling) =>
  poolingWith({ 'modules.json': [transformer, module], [`${module.path}/config.json`]: config });

test.each<[string, Record<string, unknown>, 'mean' | 'firstToken' | null]>([
  [
    'the mean',
    { pooling_mode_cls_token: false, pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false },
    'mean',
  ],
  ['the first token', { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false }, 'firstToken'],
  ['the mean, as version 6 writes it', { embedding_dimension: 32, pooling_mode: 'mean' }, 'mean'],
  ['the first token, as version 6 writes it', { pooling_mode: 'cls', include_prompt: true }, 'firstToken'],
  ['a list of one', { pooling_mode: ['mean'] }, 'mean'],
  ['the mean, where none is chosen', { word_embedding_dimension: 32 }, 'mean'],
  ['the maximum, which heads can not read', { pooling_mode_max_tokens: true, pooling_mode_mean_tokens: false }, null],
  ['two at once', { pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }, null],
  ['the last token', { pooling_mode: 'lasttoken' }, null],
  ['something unknown', { pooling_mode: 7 }, null],
])('a bare encoder pools as its files say: %s', async (_, config, expected) => {
  expect(await poolingOf(config)).toBe(expected);
});

test('the module of pooling is found by its type, wherever its folder', async () => {
  expect(await poolingOf({ pooling_mode: 'mean' }, { ...ofVersion6, path: 'pool' })).toBe('mean');
});

test.each<[string, Record<string, unknown>]>([
  ['without files of sentence-transformers', {}],
  ['whose modules do not pool', { 'modules.json': [transformer] }],
  ['whose module of pooling has no file', { 'modules.json': [transformer, pooling] }],
  ['whose modules.json is no JSON', { 'modules.json': '[' }],
  ['whose modules.json has another form', { 'modules.json': { modules: [pooling] } }],
  ['whose module of pooling lies elsewhere', { 'modules.json': [transformer, { ...pooling, path: '../1_Pooling' }] }],
])('a bare encoder %s does not say how it pools', async (_, files) => {
  expect(await poolingWith(files)).toBeNull();
});

test('a model in a folder of its own, as early versions saved it, comes in with what is beside that folder', async () => {
  const flat = await workshop.copyOf('bert-bare');
  const folder = join(workshop.root, 'saved');
  await mkdir(folder);
  await rename(flat, join(folder, '0_BERT'));
  await mkdir(join(folder, '1_Pooling'));
  await writeFile(join(folder, 'modules.json'), JSON.stringify([{ ...transformer, path: '0_BERT' }, pooling]));
  await writeFile(join(folder, '1_Pooling/config.json'), JSON.stringify({ pooling_mode_mean_tokens: true }));
  await writeFile(join(folder, 'README.md'), '---\nlicense: cc-by-4.0\n---\n');
  const { manifest } = await importModel(fromFolder(folder), workshop.tools);
  expect(manifest).toMatchObject({ heads: [], pooling: 'mean', licence: 'cc-by-4.0' });
  expect(manifest.files.map(({ name }) => name)).toEqual(['README.md', 'config.json', 'tokenizer_config.json']);
  expect(manifest.weights).toEqual(
    (await importModel(fromFolder(join(folder, '0_BERT')), workshop.tools)).manifest.weights,
  );
});

test('heads that a model has decide before its files', async () => {
  const files = { 'modules.json': [transformer, pooling], '1_Pooling/config.json': { pooling_mode: 'mean' } };
  expect(await poolingWith(files, 'bert')).toBe('firstToken');
});
