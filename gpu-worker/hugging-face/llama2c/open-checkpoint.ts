import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { elementCount } from '../../../src/storage/safetensors.js';
import type { WeightFiles } from '../checkpoint-files.js';
import type { ModelConfig } from '../config.js';
import { type ModelFiles, readModelFile } from '../model-files.js';
import { asFileProblem, invalidModel, listed } from '../problems.js';
import { type CheckpointLayout, checkpointLayout, headerBytes, type PlacedTensor } from './checkpoint-layout.js';
import { sentencePieceTokenizer } from './sentence-piece.js';

/** A checkpoint of llama2.c in a folder, with its tokenizer. */
export interface Llama2c {
  readonly fileName: string;
  readonly model: ModelConfig;
  /** The bytes of a `tokenizer.json`. */
  readonly tokenizer: Buffer;
  /** Opens the weights, which have transformers' names and layouts. */
  open(): Promise<WeightFiles>;
}

const pieceElements = 2 ** 20;
const maxTokenizerBytes = 64 * 2 ** 20;
/** Files of PyTorch under its own names. */
const ofPyTorch = /^(pytorch_model|adapter_model|training_args|optimizer|scheduler|rng_state)/;

/**
 * Finds a checkpoint of llama2.c: one file `….bin` in a folder without `config.json`, beside a tokenizer,
 * `tokenizer.json` or a SentencePiece model `….model`. Null where there is none. Errors: ProblemError INVALID_MODEL
 * (several of either, no tokenizer, a damaged one), UNSUPPORTED_MODEL (weights in int8, another kind of tokenizer).
 */
export async function findLlama2c(files: ModelFiles): Promise<Llama2c | null> {
  if (files.names.has('config.json')) return null;
  const candidates = [...files.names].filter((name) => /^[^/]+\.bin$/.test(name) && !ofPyTorch.test(name));
  // Without a tokenizer of its kind beside it nothing is downloaded to look into.
  const hasTokenizer = [...files.names].some((name) => name === 'tokenizer.json' || /^[^/]+\.model$/.test(name));
  if (candidates.length === 0 || (files.isRemote && !hasTokenizer)) return null;
  await files.fetch(candidates);
  const found: { readonly name: string; readonly layout: CheckpointLayout }[] = [];
  for (const name of candidates) {
    const layout = await layoutOf(files, name);
    if (layout !== null) found.push({ name, layout });
  }
  const [first, ...others] = found;
  if (first === undefined) return null;
  if (others.length > 0) {
    throw invalidModel(
      listed(
        'there are several checkpoints of llama2.c',
        found.map(({ name }) => name),
      ),
      'Put the one that is meant into a folder of its own, with its tokenizer.',
    );
  }
  return {
    fileName: first.name,
    model: {
      config: first.layout.config,
      tiesEmbeddings: true,
      writtenBy: 'LlamaForCausalLM',
      labels: null,
      problemType: null,
      classifierPooling: null,
      note: null,
    },
    tokenizer: await tokenizerOf(files),
    open: () => openTensors(files, first.name, first.layout.tensors),
  };
}

async function layoutOf(files: ModelFiles, name: string): Promise<CheckpointLayout | null> {
  const file = await open(join(files.folder, name), 'r').catch((error: unknown) => {
    throw asFileProblem(error, name, files.isRemote);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
    return checkpointLayout(buffer.subarray(0, bytesRead), (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function tokenizerOf(files: ModelFiles): Promise<Buffer> {
  if (files.names.has('tokenizer.json')) return readModelFile(files, 'tokenizer.json', maxTokenizerBytes);
  const models = [...files.names].filter((name) => /^[^/]+\.model$/.test(name));
  const [name] = models;
  if (name === undefined || models.length > 1) {
    throw invalidModel(
      name === undefined
        ? 'there is no tokenizer beside the checkpoint of llama2.c'
        : listed('there are several tokenizers beside the checkpoint of llama2.c', models),
      'Put the SentencePiece model that it was trained with beside it, such as tokenizer.model.',
    );
  }
  return sentencePieceTokenizer(await readModelFile(files, name, maxTokenizerBytes), name);
}

async function openTensors(
  files: ModelFiles,
  fileName: string,
  tensors: ReadonlyMap<string, PlacedTensor>,
): Promise<WeightFiles> {
  const file = await open(join(files.folder, fileName), 'r').catch((error: unknown) => {
    throw asFileProblem(error, fileName, files.isRemote);
  });
  return {
    notes: null,
    tensors: new Map(
      [...tensors].map(([name, { shape }]) => [name, { dtype: 'F32', shape, elements: elementCount(shape) }]),
    ),
    async *chunks(name) {
      const { shape, startBytes, pairedHeads } = tensors.get(name)!;
      const elements = elementCount(shape);
      // Rows change places within a head alone: those of one head are in memory.
      const piece = pairedHeads === 0 ? pieceElements : elements / pairedHeads;
      for (let first = 0; first < elements; first += piece) {
        const count = Math.min(piece, elements - first);
        const values = await readFloats(file, fileName, startBytes + first * Float32Array.BYTES_PER_ELEMENT, count);
        yield pairedHeads === 0 ? values : unpaired(values, shape[1]!);
      }
    },
    close: () => file.close(),
  };
}

async function readFloats(file: FileHandle, name: string, position: number, count: number): Promise<Float32Array> {
  const values = new Float32Array(count);
  const bytes = new Uint8Array(values.buffer);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw invalidModel(`${name} was cut off while it was read`);
    done += bytesRead;
  }
  return values;
}

/** Rows [D,I] of one head, neighbours paired → row 2i at i, row 2i + 1 at i + D/2. */
function unpaired(rows: Float32Array, width: number): Float32Array {
  const D = rows.length / width;
  const moved = new Float32Array(rows.length);
  for (let row = 0; row < D; row++) {
    const place = (row % 2) * (D / 2) + Math.floor(row / 2);
    moved.set(rows.subarray(row * width, (row + 1) * width), place * width);
  }
  return moved;
}
