import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { toStorageError } from '../../../src/storage/storage-error.js';
import type { UnpackBudget } from './unpack-budget.js';
import { type FramePiece, ZstdFault, ZstdFrames } from './zstd-frames.js';

export type Compression = 'GZIP' | 'ZSTD';

const chunkBytes = 128 * 1024;

/**
 * Unpacks a compressed file into another, in constant memory.
 * @throws ProblemsError INVALID_FILE, TOO_LARGE; StorageError
 */
export async function decompress(
  from: string,
  to: string,
  compression: Compression,
  budget: UnpackBudget,
  problemPath: readonly string[],
): Promise<void> {
  const source = createReadStream(from, { highWaterMark: chunkBytes });
  const unpacked = compression === 'GZIP' ? gunzipped(source) : unzstd(source);
  try {
    await writeUnpacked(unpacked, to, budget);
  } catch (error) {
    const fault = faultOf(error);
    if (fault === null) throw error;
    const message = `The ${compression === 'GZIP' ? 'gzip' : 'Zstandard'} file can not be unpacked: ${fault}.`;
    throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, 'Compress it again, and upload it.')]);
  } finally {
    source.destroy();
  }
}

/**
 * Unpacks the first bytes of a compressed file into another.
 * @returns whether there are more; of a faulty file false, so that who unpacks the whole tells the fault
 * @throws StorageError
 */
export async function unpackBeginning(
  from: string,
  to: string,
  compression: Compression,
  bytes: number,
): Promise<boolean> {
  const source = createReadStream(from, { highWaterMark: chunkBytes });
  const target = await open(to, 'wx').catch((error: unknown) => {
    throw toStorageError(error, 'unpack an uploaded file');
  });
  let left = bytes;
  try {
    for await (const chunk of compression === 'GZIP' ? gunzipped(source) : unzstd(source)) {
      await target.writeFile(chunk.subarray(0, left)).catch((error: unknown) => {
        throw toStorageError(error, 'unpack an uploaded file');
      });
      left -= chunk.length;
      if (left < 0) return true;
    }
    return false;
  } catch (error) {
    if (faultOf(error) === null) throw error;
    return false;
  } finally {
    source.destroy();
    await target.close();
  }
}

/** Writes a new file, within the budget. */
export async function writeUnpacked(
  chunks: AsyncIterable<Uint8Array>,
  to: string,
  budget: UnpackBudget,
): Promise<void> {
  const target = await open(to, 'wx').catch((error: unknown) => {
    throw toStorageError(error, 'unpack an uploaded file');
  });
  try {
    for await (const chunk of chunks) {
      budget.spend(chunk.length);
      await target.writeFile(chunk).catch((error: unknown) => {
        throw toStorageError(error, 'unpack an uploaded file');
      });
    }
  } finally {
    await target.close();
  }
}

/** zlib goes on over gzip files one after another, as `cat a.gz b.gz` makes them. */
function gunzipped(source: NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  const gunzip = zlib.createGunzip({ chunkSize: chunkBytes });
  // A fault of either stream ends both, and the iteration throws it.
  return pipeline(source, gunzip, () => undefined) as AsyncIterable<Uint8Array>;
}

type CreateZstdDecompress = () => NodeJS.ReadWriteStream;

/** Node has Zstandard since 22.15, at ten times the speed of the decoder in JavaScript (36 MB/s). */
const native = (zlib as { readonly createZstdDecompress?: CreateZstdDecompress }).createZstdDecompress;

function unzstd(source: AsyncIterable<Uint8Array | string> & NodeJS.ReadableStream): AsyncIterable<Uint8Array> {
  if (native === undefined) return decoded(source);
  return pipeline(source, checked, native(), () => undefined) as AsyncIterable<Uint8Array>;
}

async function* checked(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const { bytes } of piecesOf(source)) yield bytes;
}

async function* piecesOf(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<FramePiece> {
  const frames = new ZstdFrames();
  for await (const chunk of source) yield* frames.push(chunk as Uint8Array);
  yield* frames.finish();
}

/** fzstd does not look at checksums. */
async function* decoded(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const { create64 } = await xxhash();
  let blocks: Uint8Array[] = [];
  // The decoder goes on in the bytes of a block that it has handed out.
  const begin = () => ({ decoder: new Decompress((block) => blocks.push(block.slice())), hash: create64() });
  let { decoder, hash } = begin();
  for await (const { bytes, isData, endsFrame, checksum } of piecesOf(source)) {
    if (!isData) continue;
    decoder.push(bytes, endsFrame);
    for (const block of blocks) hash.update(block);
    yield* blocks;
    blocks = [];
    if (!endsFrame) continue;
    if (checksum !== null && Number(hash.digest() & 0xffffffffn) !== checksum) throw new ZstdFault('it is damaged');
    ({ decoder, hash } = begin());
  }
}

/** What is wrong with a compressed file, in words; null: the error has another cause. */
function faultOf(error: unknown): string | null {
  if (error instanceof ZstdFault) return error.message;
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code } = error;
  if (code === 'Z_BUF_ERROR') return 'it was cut off';
  if (typeof code === 'string' && code.startsWith('Z_')) return 'it is damaged';
  // The codes of fzstd are numbers.
  return typeof code === 'number' ? 'it is damaged' : null;
}
