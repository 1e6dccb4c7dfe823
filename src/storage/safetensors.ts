import { z } from 'zod';

/**
 * The safetensors format: 8 bytes header length (little-endian), a JSON header, then the tensors without gaps.
 * https://huggingface.co/docs/safetensors
 *
 * Attune writes float32 only. Numbers are little-endian, as on every processor that Node runs on here.
 */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export interface Safetensors {
  /** By name, sorted. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

export type SafetensorsErrorCode = 'TRUNCATED' | 'INVALID_HEADER' | 'INVALID_TENSOR' | 'UNSUPPORTED_DTYPE';

export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
  readonly code: SafetensorsErrorCode;

  constructor(code: SafetensorsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The limit of the reference implementation: a header is read whole before anything of it is known to be true. */
const maxHeaderBytes = 100_000_000;

const lengthBytes = 8;
const metadataKey = '__metadata__';

const TensorEntry = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
type TensorEntry = z.infer<typeof TensorEntry>;

const Metadata = z.record(z.string(), z.string());

/**
 * Reads float32 tensors. They are views of `bytes` where its alignment allows that, and copies else.
 * Errors: SafetensorsError.
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const headerBytes = readHeaderLength(bytes);
  const dataStart = lengthBytes + headerBytes;
  const { entries, metadata } = parseHeader(bytes.subarray(lengthBytes, dataStart));
  checkLayout(entries, bytes.byteLength - dataStart);
  const sorted = [...entries].sort(([a], [b]) => compareNames(a, b));
  const tensors = sorted.map(([name, entry]): [string, Tensor] => {
    if (entry.dtype !== 'F32') {
      throw new SafetensorsError('UNSUPPORTED_DTYPE', `tensor “${name}” holds ${entry.dtype}; only F32 is supported`);
    }
    const [begin, end] = entry.data_offsets;
    return [name, { shape: entry.shape, data: float32View(bytes.subarray(dataStart + begin, dataStart + end)) }];
  });
  return { tensors: new Map(tensors), metadata };
}

/**
 * The file's bytes, in parts that need no copy of the tensors. Equal tensors give equal bytes: names are sorted, and the
 * header is padded with spaces so that the data starts at a multiple of 8.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array[] {
  const sorted = [...tensors].sort(([a], [b]) => compareNames(a, b));
  const header: [string, unknown][] = [];
  if (metadata.size > 0) {
    header.push([metadataKey, Object.fromEntries([...metadata].sort(([a], [b]) => compareNames(a, b)))]);
  }
  let offset = 0;
  for (const [name, { shape, data }] of sorted) {
    if (name === metadataKey || elementCount(shape) !== data.length) {
      throw new SafetensorsError(
        'INVALID_TENSOR',
        `tensor “${name}” [${shape}] cannot be written with ${data.length} elements`,
      );
    }
    header.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  return [
    encodeHeader(header),
    ...sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function encodeHeader(entries: readonly [string, unknown][]): Uint8Array {
  // Object.fromEntries would put names that look like integers first, and lose the name `__proto__`.
  const members = entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = Buffer.from(`{${members.join(',')}}`);
  const paddedBytes = Math.ceil(json.byteLength / 8) * 8;
  const header = Buffer.alloc(lengthBytes + paddedBytes, ' ');
  header.writeBigUInt64LE(BigInt(paddedBytes), 0);
  json.copy(header, lengthBytes);
  return header;
}

function readHeaderLength(bytes: Uint8Array): number {
  if (bytes.byteLength < lengthBytes) {
    throw new SafetensorsError('TRUNCATED', `a file of ${bytes.byteLength} bytes is no safetensors file`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new SafetensorsError(
      'INVALID_HEADER',
      `the header says it is ${length} bytes long; the limit is ${maxHeaderBytes}`,
    );
  }
  if (Number(length) > bytes.byteLength - lengthBytes) {
    throw new SafetensorsError('TRUNCATED', `the file ends within its header of ${length} bytes`);
  }
  return Number(length);
}

function parseHeader(json: Uint8Array): { entries: Map<string, TensorEntry>; metadata: Map<string, string> } {
  const entries = new Map<string, TensorEntry>();
  let metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(parseJsonObject(json))) {
    if (name === metadataKey) {
      const parsed = Metadata.safeParse(value);
      if (!parsed.success) throw new SafetensorsError('INVALID_HEADER', 'the metadata are not all strings');
      metadata = new Map(Object.entries(parsed.data));
      continue;
    }
    const parsed = TensorEntry.safeParse(value);
    if (!parsed.success) {
      throw new SafetensorsError('INVALID_HEADER', `the entry of tensor “${name}” is malformed`, {
        cause: parsed.error,
      });
    }
    entries.set(name, parsed.data);
  }
  return { entries, metadata };
}

function parseJsonObject(json: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json));
  } catch (error) {
    throw new SafetensorsError('INVALID_HEADER', 'the header is not JSON in UTF-8', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError('INVALID_HEADER', 'the header is not a JSON object');
  }
  return value;
}

/**
 * The tensors must fill the data exactly, one after the other: a gap could hide other content, an overlap let one tensor's
 * bytes be read as another's, and both come from names that were given twice.
 */
function checkLayout(entries: ReadonlyMap<string, TensorEntry>, dataBytes: number): void {
  const inFile = [...entries].sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  );
  let position = 0;
  for (const [name, { dtype, shape, data_offsets }] of inFile) {
    const [begin, end] = data_offsets;
    if (begin !== position || end < begin) {
      throw new SafetensorsError(
        'INVALID_TENSOR',
        `tensor “${name}” starts at ${begin}, the one before ends at ${position}`,
      );
    }
    if (end > dataBytes) {
      throw new SafetensorsError('TRUNCATED', `tensor “${name}” ends at ${end}, the data at ${dataBytes}`);
    }
    if (dtype === 'F32' && elementCount(shape) * Float32Array.BYTES_PER_ELEMENT !== end - begin) {
      throw new SafetensorsError(
        'INVALID_TENSOR',
        `tensor “${name}” [${shape}] of ${dtype} does not take ${end - begin} bytes`,
      );
    }
    position = end;
  }
  if (position !== dataBytes) {
    throw new SafetensorsError('INVALID_TENSOR', `the tensors end at ${position}, the data at ${dataBytes}`);
  }
}

/** Elements of a tensor; a scalar `[]` has one. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function float32View(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT);
}

/** By UTF-16 code units: no locale decides the bytes of a file. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
