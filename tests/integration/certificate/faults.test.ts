import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportModel } from '../../../gpu-worker/hugging-face/export-model.js';
import { importModel } from '../../../gpu-worker/hugging-face/import-model.js';
import { loadManifest } from '../../../gpu-worker/models/load-model.js';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/storage/safetensors.js';
import { decoderFolder } from '../../numerics/reference/decoders/reference.js';
import { readGguf } from '../../support/gguf-file.js';
import { fromFolder, openWorkshop, type Workshop } from '../hugging-face/import-tools.js';
import { importAdapter, importReference, problemOf, withBytes } from './certified.js';

/** Faults that a writer of files could have: each has to be found by what the files compute. */

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

/** A file of which one tensor has other numbers. */
function withTensor(change: (tensor: Tensor, name: string) => Float32Array | undefined) {
  return (bytes: Buffer): Buffer => {
    const { tensors, metadata } = readSafetensors(bytes);
    const changed = new Map(
      [...tensors].map(([name, tensor]) => [name, { ...tensor, data: change(tensor, name) ?? tensor.data }]),
    );
    return Buffer.concat(writeSafetensors(changed, metadata));
  };
}

const isQuery = (name: string) => name.endsWith('layer.0.attention.self.query.weight');

function transposed({ shape: [rows = 0, columns = 0], data }: Tensor): Float32Array {
  return data.map((_, index) => data[(index % rows) * columns + Math.floor(index / rows)]!);
}

describe('a file of the layout of transformers', () => {
  test('with a matrix that is transposed', async () => {
    const digest = await importReference(workshop, 'bert');
    const change = withTensor((tensor, name) => (isQuery(name) ? transposed(tensor) : undefined));
    const problem = await problemOf(workshop, digest, 'huggingFace', withBytes(workshop, 'model.safetensors', change));
    expect(problem).toMatchObject({ code: 'PARITY_FAILED', path: ['format'] });
    expect(problem.message).toMatch(
      /^model\.safetensors was written, read back and found wrong: logits of label, number \d of row \d+, is \S+ where the model gives \S+: a difference of \S+, where 0\.0001 is allowed/,
    );
  });

  test('with a number that is none', async () => {
    const digest = await importReference(workshop, 'bert');
    const change = withTensor(({ data }, name) =>
      isQuery(name) ? data.map((value, index) => (index === 7 ? Number.NaN : value)) : undefined,
    );
    const problem = await problemOf(workshop, digest, 'huggingFace', withBytes(workshop, 'model.safetensors', change));
    expect(problem).toMatchObject({ code: 'PARITY_FAILED', message: expect.stringContaining('no number') });
  });

  test('with a configuration of another model', async () => {
    const digest = await importReference(workshop, 'bert');
    const change = (bytes: Buffer) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString('utf8')), num_attention_heads: 1 }));
    const problem = await problemOf(workshop, digest, 'huggingFace', withBytes(workshop, 'config.json', change));
    expect(problem.code).toBe('PARITY_FAILED');
  });

  test('that lacks a tensor', async () => {
    const digest = await importReference(workshop, 'bert');
    const change = (bytes: Buffer) => {
      const { tensors, metadata } = readSafetensors(bytes);
      return Buffer.concat(writeSafetensors(new Map([...tensors].filter(([name]) => !isQuery(name))), metadata));
    };
    const problem = await problemOf(workshop, digest, 'huggingFace', withBytes(workshop, 'model.safetensors', change));
    expect(problem).toMatchObject({ code: 'PARITY_FAILED', message: expect.stringContaining('cannot be read back') });
  });

  test('whose adapter was not merged, although it changes next to nothing', async () => {
    const digest = await adapterThatChangesLittle(1e-5);
    const base = await baseWeights(digest);
    const change = withTensor((_, name) => base.get(name.replace(/^bert\./, ''))?.data);
    const problem = await problemOf(workshop, digest, 'huggingFace', withBytes(workshop, 'model.safetensors', change));
    expect(problem).toMatchObject({
      code: 'PARITY_FAILED',
      message: expect.stringMatching(/it computes what the base model does: -?\d\.\d % of what the adapter changes/),
    });
  });
});

describe('an adapter’s file', () => {
  test('that says another alpha', async () => {
    const digest = await importAdapter(workshop, 'bert', 'bert-lora');
    const change = (bytes: Buffer) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString('utf8')), lora_alpha: 1 }));
    const problem = await problemOf(workshop, digest, 'peft', withBytes(workshop, 'adapter_config.json', change));
    expect(problem.code).toBe('PARITY_FAILED');
  });

  test('whose matrices are all zero', async () => {
    const digest = await importAdapter(workshop, 'bert', 'bert-lora');
    const change = withTensor(({ data }, name) => (name.includes('lora_B') ? data.map(() => 0) : undefined));
    const problem = await problemOf(workshop, digest, 'peft', withBytes(workshop, 'adapter_model.safetensors', change));
    expect(problem.code).toBe('PARITY_FAILED');
  });
});

describe('a graph of ONNX', () => {
  test('with numbers of another tensor', async () => {
    const digest = await importReference(workshop, 'bert');
    const weights = await baseWeights(digest);
    const [from, to] = ['heads.label.bias', 'heads.label.weight'].map((name) => bytesOf(weights.get(name)!));
    const change = (bytes: Buffer) => {
      const at = bytes.indexOf(to!);
      expect(at).toBeGreaterThan(0);
      from!.copy(bytes, at);
      return bytes;
    };
    const problem = await problemOf(workshop, digest, 'onnx', withBytes(workshop, 'model.onnx', change));
    expect(problem).toMatchObject({
      code: 'PARITY_FAILED',
      message: expect.stringMatching(/^model\.onnx was written/),
    });
  });

  test('that is cut off', async () => {
    const digest = await importReference(workshop, 'bert');
    const change = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
    const problem = await problemOf(workshop, digest, 'onnx', withBytes(workshop, 'model.onnx', change));
    expect(problem).toMatchObject({
      code: 'PARITY_FAILED',
      message: expect.stringContaining('ONNX Runtime does not load the graph'),
    });
  });
});

describe('a file of GGUF', () => {
  const llama = async () =>
    (await importModel(fromFolder(fileURLToPath(decoderFolder('llama'))), workshop.tools)).digest;
  const file = 'model-F32.gguf';
  const options = { gguf: { type: 'F32', modelName: 'A model' } } as const;

  test('with queries in the order of transformers', async () => {
    const digest = await llama();
    const query = bytesOf((await baseWeights(digest)).get('layers.0.self_attn.q_proj.weight')!);
    const change = (bytes: Buffer) => {
      // The tensor's own bytes, in the file's memory.
      query.copy(readGguf(bytes).tensors.get('blk.0.attn_q.weight')!.bytes);
      return bytes;
    };
    const problem = await problemOf(workshop, digest, 'gguf', withBytes(workshop, file, change), options);
    expect(problem).toMatchObject({ code: 'PARITY_FAILED', message: expect.stringMatching(/^model-F32\.gguf was/) });
  });

  test('that says another base of rotary positions', async () => {
    const digest = await llama();
    const change = (bytes: Buffer) => {
      const key = 'llama.rope.freq_base';
      const at = bytes.indexOf(key) + key.length + 4;
      expect(bytes.readFloatLE(at)).toBe(10_000);
      bytes.writeFloatLE(100, at);
      return bytes;
    };
    const problem = await problemOf(workshop, digest, 'gguf', withBytes(workshop, file, change), options);
    expect(problem.code).toBe('PARITY_FAILED');
  });

  test('that lacks the metadata of a size', async () => {
    const digest = await llama();
    const change = (bytes: Buffer) => {
      bytes.write('x', bytes.indexOf('llama.block_count'));
      return bytes;
    };
    const problem = await problemOf(workshop, digest, 'gguf', withBytes(workshop, file, change), options);
    expect(problem.message).toContain('the file lacks llama.block_count');
  });
});

describe('a variant for transformers.js', () => {
  test.each(['onnx/model_fp16.onnx', 'onnx/model_quantized.onnx'])('%s that is another model', async (name) => {
    const digest = await importReference(workshop, 'bert');
    const other = await importReference(workshop, 'roberta');
    const { files } = await exportModel({ modelDigest: other, format: 'transformersJs' }, { ...workshop.tools });
    const bytes = await workshop.store.read(files.find((file) => file.name === name)!.digest);
    const problem = await problemOf(
      workshop,
      digest,
      'transformersJs',
      withBytes(workshop, name, () => bytes),
    );
    expect(problem).toMatchObject({ code: 'PARITY_FAILED', message: expect.stringContaining(`${name} was written`) });
  });
});

async function baseWeights(digest: string): Promise<ReadonlyMap<string, Tensor>> {
  const { weights } = await loadManifest(workshop.store, digest);
  return readSafetensors(await workshop.store.read(weights.digest)).tensors;
}

/** A model whose adapter is as small beside its base as `factor` tells. */
async function adapterThatChangesLittle(factor: number): Promise<string> {
  const manifest = await loadManifest(workshop.store, await importAdapter(workshop, 'bert', 'bert-lora'));
  const { tensors } = readSafetensors(await workshop.store.read(manifest.adapter!.weights.digest));
  const small = new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      name.includes('lora_B') ? { ...tensor, data: tensor.data.map((value) => value * factor) } : tensor,
    ]),
  );
  const weights = await workshop.store.write(writeSafetensors(small));
  const changed = { ...manifest, adapter: { ...manifest.adapter!, weights } };
  return (await workshop.store.write(Buffer.from(JSON.stringify(changed)))).digest;
}

function bytesOf({ data }: Tensor): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
