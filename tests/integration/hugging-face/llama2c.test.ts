import { readFileSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { sentencePieceTokenizer } from '../../../gpu-worker/hugging-face/llama2c/sentence-piece.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { decoderFolder, decoderReference, decoderTensors } from '../../numerics/reference/decoders/reference.js';
import { fromFolder, openWorkshop, refusalOf, type Workshop } from './import-tools.js';
import { runOnnx } from './onnx-session.js';

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

const pathOf = (name: string) => fileURLToPath(decoderFolder(name));
const parent = fileURLToPath(new URL('..', decoderFolder('llama2c')));
const importFrom = (folder: string) => importModel(fromFolder(folder), workshop.tools);

async function tensorsOf(digest: string) {
  return readSafetensors(await workshop.store.read(digest)).tensors;
}

async function copyOf(name: string): Promise<string> {
  const folder = join(workshop.root, name);
  await cp(pathOf(name), folder, { recursive: true });
  return folder;
}

describe('a checkpoint of llama2.c', () => {
  test('has the tensors of the model that it was made from, and its logits', async () => {
    const { digest, manifest } = await importFrom(pathOf('llama2c'));
    const original = await importFrom(pathOf('llama'));
    expect(await tensorsOf(manifest.weights.digest)).toEqual(await tensorsOf(original.manifest.weights.digest));
    expect(manifest).toMatchObject({
      config: { ...original.manifest.config, normEpsilon: 1e-5, padTokenId: null },
      contextLength: 40,
      tokenizer: { kind: 'BPE', vocabularySize: 250 },
      heads: [],
    });
    expect(manifest.layers.at(-1)?.name).toBe('lm_head');

    const [batch] = decoderReference('llama').batches;
    const outputs = await runOnnx(await workshop.exported(digest, 'onnx'), { ...batch!, typeIds: [] });
    const isToken = (_: number, index: number) => batch!.mask.flat()[Math.floor(index / 320)] === 1;
    const given = outputs.logits!.data.filter(isToken);
    const expected = decoderTensors('llama2c').get('logits')!.data;
    expect(given.length).toBe(expected.length);
    const scale = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    for (const [index, value] of expected.entries()) expect(Math.abs(given[index]! - value)).toBeLessThan(1e-4 * scale);
  });

  test('of version 1 has the same tensors, tied', async () => {
    const { manifest, digest } = await importFrom(pathOf('llama2c-tied'));
    const original = new Map(await tensorsOf((await importFrom(pathOf('llama'))).manifest.weights.digest));
    original.delete('lm_head.weight');
    expect(await tensorsOf(manifest.weights.digest)).toEqual(original);
    // It goes out as transformers' class, and comes back from there.
    const folder = await workshop.exported(digest, 'huggingFace');
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    expect(config).toMatchObject({ architectures: ['LlamaForCausalLM'], tie_word_embeddings: true });
    const again = await importFrom(folder);
    expect(again.manifest.weights).toEqual(manifest.weights);
    expect(again.manifest.config).toEqual(manifest.config);
  });

  test('is refused where something is missing, or more than one is there', async () => {
    const folder = await copyOf('llama2c');
    await cp(join(folder, 'model.bin'), join(folder, 'second.bin'));
    expect((await refusalOf(workshop, folder)).message).toContain('several checkpoints of llama2.c');
    await rm(join(folder, 'second.bin'));
    await cp(join(folder, 'tokenizer.model'), join(folder, 'other.model'));
    expect((await refusalOf(workshop, folder)).message).toContain('several tokenizers');
    await rm(join(folder, 'other.model'));
    await writeFile(join(folder, 'tokenizer.model'), 'no message of Protocol Buffers');
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('tokenizer.model is no SentencePiece model'),
    });
    await rm(join(folder, 'tokenizer.model'));
    expect((await refusalOf(workshop, folder)).message).toContain('there is no tokenizer beside the checkpoint');
  });

  test('of int8, and a file that is cut off, are refused', async () => {
    const folder = join(workshop.root, 'damaged');
    await mkdir(folder);
    const bytes = readFileSync(join(pathOf('llama2c-tied'), 'model.bin'));
    await writeFile(join(folder, 'model.bin'), bytes.subarray(0, bytes.length - 4));
    expect((await refusalOf(workshop, folder)).message).toContain('there is no config.json');
    bytes.writeInt32LE(2, 4);
    await writeFile(join(folder, 'model.bin'), bytes);
    expect(await refusalOf(workshop, folder)).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining('version 2, whose weights are int8'),
    });
  });
});

describe('a SentencePiece model of byte pairs', () => {
  const references: Record<string, { text: string; ids: number[] }[]> = JSON.parse(
    readFileSync(join(parent, 'llama2c.reference.json'), 'utf8'),
  );
  const fileOf = (name: string) =>
    name === 'byte-fallback' ? join(parent, 'byte-fallback.model') : join(pathOf(name), 'tokenizer.model');

  describe.each(Object.keys(references))('%s', (name) => {
    const tokenizer = createTokenizer(sentencePieceTokenizer(readFileSync(fileOf(name)), name));
    test.each(references[name]!)('gives the ids that SentencePiece gives: $text', ({ text, ids }) => {
      expect(tokenizer.encodeIds(text, null, { maxLength: 10_000, truncationSide: 'right' }).ids).toEqual(ids);
    });
  });
});
