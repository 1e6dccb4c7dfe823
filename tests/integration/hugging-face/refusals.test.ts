import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { openWorkshop, refusalOf, type Workshop } from './import-tools.js';

let workshop: Workshop;
let folder: string;
beforeEach(async () => {
  workshop = await openWorkshop();
  folder = await workshop.copyOf('bert');
});
afterEach(() => workshop.close());

const problemOf = (changed: Partial<Workshop['tools']> = {}, path = folder) => refusalOf(workshop, path, changed);

async function changeConfig(changes: Record<string, unknown>): Promise<void> {
  const path = join(folder, 'config.json');
  const config = { ...JSON.parse(await readFile(path, 'utf8')), ...changes };
  await writeFile(path, JSON.stringify(config));
}

async function changeTensors(change: (tensors: Map<string, Tensor>) => void): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const tensors = new Map(readSafetensors(await readFile(path)).tensors);
  change(tensors);
  await writeFile(path, Buffer.concat(writeSafetensors(tensors)));
}

describe('the configuration', () => {
  test.each([
    [{ model_type: 'albert' }, 'the architecture "albert" (model_type in config.json) is not supported'],
    [{ model_type: 'xlm-roberta-xl' }, 'the architecture "xlm-roberta-xl"'],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type is "relative_key"; supported: absolute'],
    [{ is_decoder: true }, 'is_decoder is true; supported: false (an encoder)'],
    [{ add_cross_attention: true }, 'add_cross_attention is true'],
    [{ hidden_act: 'silu' }, 'hidden_act is "silu"; supported: gelu, gelu_python, gelu_new, gelu_pytorch_tanh, relu'],
    [{ quantization_config: { bits: 4 } }, 'quantization_config is {"bits":4}; supported: weights in float32'],
    [
      { problem_type: 'ranking' },
      'problem_type is "ranking"; supported: single_label_classification, multi_label_classification, regression',
    ],
    [{ num_hidden_layers: 1e9 }, 'num_hidden_layers is 1000000000; supported: a whole number from 1 to 1000'],
    [{ num_attention_heads: 5 }, 'hidden size 32 is no multiple of 5 attention heads'],
    [{ hidden_dropout_prob: 1.5 }, 'hidden_dropout_prob is 1.5; supported: a number from 0, below 1'],
  ])('%j is refused by name', async (changes, message) => {
    await changeConfig(changes);
    expect(await problemOf()).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining(message),
      hint: 'Attune trains BERT (and so MiniLM and its like), DistilBERT, RoBERTa, XLM-RoBERTa, ELECTRA, MPNet, DeBERTa-v2 and v3, ModernBERT, GPT-2, Llama (and so SmolLM and its like), Mistral, Qwen2 (and so Qwen2.5), Qwen3 and the text models of Gemma 3: model_type bert, distilbert, roberta, xlm-roberta, electra, mpnet, deberta-v2, modernbert, gpt2, llama, mistral, qwen2, qwen3 or gemma3_text.',
    });
  });

  test('is told all its faults at once', async () => {
    await changeConfig({ is_decoder: true, hidden_act: 'mish', layer_norm_eps: 0 });
    expect((await problemOf()).message.split('\n')).toEqual([
      'config.json asks for what Attune does not support:',
      'layer_norm_eps is 0; supported: a number above 0, at most 1',
      'hidden_act is "mish"; supported: gelu, gelu_python, gelu_new, gelu_pytorch_tanh, relu',
      'is_decoder is true; supported: false (an encoder)',
    ]);
  });

  test.each([
    ['', 'config.json is not JSON'],
    ['[1]', 'config.json is not a JSON object'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:…', 'config.json is a pointer of Git LFS'],
  ])('that is %j is no configuration', async (text, message) => {
    await writeFile(join(folder, 'config.json'), text);
    expect(await problemOf()).toMatchObject({ code: 'INVALID_MODEL', message: expect.stringContaining(message) });
  });
});

describe('the files', () => {
  test.each([
    ['config.json', 'there is no config.json'],
    ['tokenizer.json', 'there is no tokenizer.json'],
    ['model.safetensors', 'there is neither model.safetensors nor model.safetensors.index.json'],
  ])('without %s are refused', async (name, message) => {
    await rm(join(folder, name));
    expect(await problemOf()).toMatchObject({ code: 'INVALID_MODEL', message });
  });

  test.each([
    ['pytorch_model.bin', 'a PyTorch pickle', 'save_pretrained'],
    ['pytorch_model.bin.index.json', 'a PyTorch pickle', 'save_pretrained'],
    ['tf_model.h5', 'TensorFlow’s HDF5', 'from_tf=True'],
    ['flax_model.msgpack', 'Flax’s msgpack', 'from_flax=True'],
    ['model-q4.gguf', 'GGUF', 'quantized from'],
    ['model.fp16.safetensors', 'safetensors under another name', 'Rename'],
  ])('with weights in %s alone are refused with a way out', async (name, what, hint) => {
    await rename(join(folder, 'model.safetensors'), join(folder, name));
    expect(await problemOf()).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: expect.stringContaining(`there is ${name}, ${what}`),
      hint: expect.stringContaining(hint),
    });
  });

  test('that are pointers of Git LFS are told as such', async () => {
    await writeFile(
      join(folder, 'model.safetensors'),
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 101348\n`,
    );
    expect(await problemOf()).toMatchObject({
      code: 'INVALID_MODEL',
      message: 'model.safetensors is a pointer of Git LFS, not the file itself',
    });
  });

  test('cut off in the middle are told as damaged', async () => {
    await truncate(join(folder, 'model.safetensors'), 60_000);
    expect(await problemOf()).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringMatching(/^model\.safetensors is damaged: tensor “.*” ends at \d+, the data at \d+$/),
    });
  });

  test('of a sharded model name the shard that is missing, and one that a path leads to', async () => {
    const sharded = await workshop.copyOf('bert-sharded');
    await rm(join(sharded, 'model-00002-of-00003.safetensors'));
    expect((await problemOf({}, sharded)).message).toBe(
      'files that model.safetensors.index.json names are missing:\nmodel-00002-of-00003.safetensors',
    );
    const index = { weight_map: { 'bert.embeddings.word_embeddings.weight': '../bert/model.safetensors' } };
    await writeFile(join(sharded, 'model.safetensors.index.json'), JSON.stringify(index));
    expect((await problemOf({}, sharded)).message).toContain('../bert/model.safetensors');
  });

  test('whose index tells of other tensors are refused', async () => {
    const sharded = await workshop.copyOf('bert-sharded');
    const path = join(sharded, 'model.safetensors.index.json');
    const index = JSON.parse(await readFile(path, 'utf8'));
    index.weight_map['no.such.tensor'] = 'model-00001-of-00003.safetensors';
    await writeFile(path, JSON.stringify(index));
    expect((await problemOf({}, sharded)).message).toContain(
      'no.such.tensor is in none of the files; the index says model-00001-of-00003.safetensors',
    );
  });

  test('of a tokenizer for a larger vocabulary are refused', async () => {
    await changeConfig({ vocab_size: 100 });
    expect(await problemOf()).toMatchObject({
      code: 'INVALID_MODEL',
      message: 'tokenizer.json has ids up to 119, and the model has embeddings for 100 alone (vocab_size)',
    });
  });

  test('of a tokenizer that is none are refused', async () => {
    await writeFile(join(folder, 'tokenizer.json'), '{"model":{"type":"WordPiece"}}');
    expect(await problemOf()).toMatchObject({
      code: 'INVALID_MODEL',
      message: expect.stringContaining('tokenizer.json'),
    });
  });

  test('of an adapter need a base model, and a whole model none', async () => {
    await writeFile(join(folder, 'adapter_config.json'), '{}');
    expect(await problemOf()).toMatchObject({ code: 'REQUIRED', path: ['adapterBase'] });
  });
});

describe('the tensors', () => {
  test('are told everything that does not fit, each by its name', async () => {
    await changeTensors((tensors) => {
      tensors.delete('bert.encoder.layer.1.output.dense.bias');
      tensors.set('bert.encoder.layer.7.output.dense.bias', { shape: [32], data: new Float32Array(32) });
      tensors.set('bert.pooler.dense.weight', { shape: [16, 64], data: new Float32Array(1024) });
      tensors.set('bert.embeddings.LayerNorm.gamma', { shape: [32], data: new Float32Array(32) });
    });
    const problem = await problemOf();
    expect(problem.code).toBe('INVALID_MODEL');
    expect(problem.message.split('\n')).toEqual([
      'the weights do not fit bert as config.json describes it:',
      'bert.embeddings.LayerNorm.weight and bert.embeddings.LayerNorm.gamma are the same tensor: one of them is too many',
      'missing: encoder.layer.1.output.dense.bias [32]',
      'bert.pooler.dense.weight is [16,64]; by config.json it should be [32,32]',
      'not known: bert.encoder.layer.7.output.dense.bias [32]',
    ]);
  });

  test.each([
    [[3e7, 0], 'INVALID_MODEL', 'classifier.weight is [30000000,0]; by config.json it should be [classes,32]'],
    [[0, 32], 'INVALID_MODEL', 'classifier.weight is [0,32]; by config.json it should be [classes,32]'],
    [[3, 31], 'INVALID_MODEL', 'classifier.weight is [3,31]; by config.json it should be [classes,32]'],
    [[100_001, 32], 'UNSUPPORTED_MODEL', 'classifier.weight is a head of 100001 classes; supported: at most 100000'],
  ])('of a head of shape %j are refused before labels are made', async (shape, code, message) => {
    await changeTensors((tensors) => {
      tensors.set('classifier.weight', { shape, data: new Float32Array(shape[0]! * shape[1]!) });
    });
    expect(await problemOf()).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test.each([
    [{ problem_type: 'single_label_classification' }, 'problem_type single_label_classification'],
    [{ architectures: ['BertForTokenClassification'] }, 'a classifier of tokens'],
  ])('of a head of one output that needs two are refused: %j', async (changes, what) => {
    await changeConfig(changes);
    await changeTensors((tensors) => {
      tensors.set('classifier.weight', { shape: [1, 32], data: new Float32Array(32) });
      tensors.set('classifier.bias', { shape: [1], data: new Float32Array(1) });
    });
    expect(await problemOf()).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: `classifier.weight has one output; ${what} needs two or more`,
      hint: expect.stringContaining('problem_type to regression'),
    });
  });

  test('are counted where they are too many to list', async () => {
    await changeConfig({ num_hidden_layers: 4 });
    const lines = (await problemOf()).message.split('\n');
    expect(lines).toHaveLength(14);
    expect(lines.at(-1)).toBe('and 20 more');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('that hold %d are refused by name', async (value) => {
    await changeTensors((tensors) => {
      tensors.get('bert.encoder.layer.1.attention.self.key.weight')!.data[17] = value;
    });
    expect(await problemOf()).toMatchObject({
      code: 'INVALID_MODEL',
      message: `the tensor bert.encoder.layer.1.attention.self.key.weight holds ${value}: the model is broken`,
    });
  });

  test('in other numbers than floats are refused by name', async () => {
    const path = join(folder, 'model.safetensors');
    const text = (await readFile(path)).toString('latin1');
    const name = '"bert.encoder.layer.0.output.dense.bias":{"dtype":"';
    expect(text).toContain(`${name}F32"`);
    await writeFile(path, Buffer.from(text.replace(`${name}F32"`, `${name}I32"`), 'latin1'));
    expect(await problemOf()).toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      message: 'weights must be float32, float16 or bfloat16:\nbert.encoder.layer.0.output.dense.bias holds I32',
    });
  });

  test('are not looked at when they cannot fit into memory', async () => {
    await writeFile(join(folder, 'model.safetensors'), 'not a model at all');
    expect(await problemOf({ memoryBytes: 90_000 })).toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: 'the model takes 93 kB as float32, and the worker has 90 kB of memory left',
    });
  });
});

test('a disk that is full leaves nothing', async () => {
  const { store } = workshop;
  const full = async () => {
    throw new StorageError('DISK_FULL', 'write an artifact: no space is left on the disk');
  };
  // Full when the small files' turn comes: the weights are in the store by then.
  expect(await problemOf({ store: { ...store, write: full } })).toMatchObject({ code: 'DISK_FULL' });
  expect(await problemOf({ store: { ...store, writeStream: full } })).toMatchObject({ code: 'DISK_FULL' });
});
