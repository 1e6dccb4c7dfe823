import { z } from 'zod';

/**
 * The header of a safetensors file: its length in 8 bytes (little-endian), then JSON: name → type, shape and place of
 * each tensor. https://huggingface.co/docs/safetensors. Every value is checked, because the files come from strangers.
 */
export interface SafetensorsHeader {
  /** By name, sorted. The tensors fill the data after the header without gap or overlap. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
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

/** Size of the header's length, with which a file begins. */
export const lengthBytes = 8;

/** The reference implementation's limit: the whole header is read before any of it can be checked. */
const maxHeaderBytes = 100_000_000;

const metadataKey = '__metadata__';

/**
 * Bytes of an element. Types smaller than a byte are missing: nothing reads their tensors, so their sizes are not
 * checked.
 */
const elementBytes: ReadonlyMap<string, number> = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
  ['F8_E8M0', 1],
  ['I16', 2],
  ['U16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['I32', 4],
  ['U32', 4],
  ['F32', 4],
  ['I64', 8],
  ['U64', 8],
  ['F64', 8],
  ['C64', 8],
]);

/** Further keys of an entry are skipped, as the reference implementation skips them. */
const TensorEntry = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  /** Begin and end within the data. */
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
type TensorEntry = z.infer<typeof TensorEntry>;

/** Null stands for none, as the reference implementation reads it. */
const Metadata = z.record(z.string(), z.string()).nullable();

/**
 * Length of the JSON, from a file's first 8 bytes.
 * @param fileBytes size of the whole file
 * @throws SafetensorsError
 */
export function headerLength(start: Uint8Array, fileBytes: number): number {
  if (start.byteLength < lengthBytes) {
    throw new SafetensorsError('TRUNCATED', `a file of ${fileBytes} bytes is not a safetensors file`);
  }
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new SafetensorsError(
      'INVALID_HEADER',
      `the header says it is ${length} bytes long; the limit is ${maxHeaderBytes}`,
    );
  }
  if (Number(length) > fileBytes - lengthBytes) {
    throw new SafetensorsError('TRUNCATED', `the file ends within its header of ${length} bytes`);
  }
  return Number(length);
}

/**
 * Parses a header and checks it against the size of the data after it.
 * @throws SafetensorsError
 */
export function parseHeader(json: Uint8Array, dataBytes: number): SafetensorsHeader {
  const entries: [string, TensorEntry][] = [];
  let metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(parseJsonObject(json))) {
    if (name === metadataKey) {
      const parsed = Metadata.safeParse(value);
      if (!parsed.success) throw new SafetensorsError('INVALID_HEADER', 'the metadata are not all strings');
      metadata = new Map(Object.entries(parsed.data ?? {}));
      continue;
    }
    const parsed = TensorEntry.safeParse(value);
    if (!parsed.success) {
      throw new SafetensorsError('INVALID_HEADER', `the entry of tensor “${name}” is malformed`, {
        cause: parsed.error,
      });
    }
    entries.push([name, parsed.data]);
  }
  checkLayout(entries, dataBytes);
  return { entries: new Map(entries.sort(([a], [b]) => compareNames(a, b))), metadata };
}

/**
 * The header for tensors that follow each other in this order, all of one type. Spaces pad it, so that the data start
 * at a multiple of 8.
 */
export function encodeHeader(
  tensors: readonly { readonly name: string; readonly shape: readonly number[] }[],
  metadata: ReadonlyMap<string, string>,
  dtype: 'F32' | 'F16' = 'F32',
): Uint8Array {
  const bytesOfOne = dtype === 'F32' ? 4 : 2;
  // Object.fromEntries would put integer-like names first, and lose the name `__proto__`.
  const members: string[] = [];
  if (metadata.size > 0) {
    const sorted = [...metadata].sort(([a], [b]) => compareNames(a, b));
    members.push(`${JSON.stringify(metadataKey)}:${JSON.stringify(Object.fromEntries(sorted))}`);
  }
  let offset = 0;
  for (const { name, shape } of tensors) {
    if (name === metadataKey) throw new SafetensorsError('INVALID_TENSOR', `no tensor can be named “${name}”`);
    const end = offset + elementCount(shape) * bytesOfOne;
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [offset, end] })}`);
    offset = end;
  }
  const json = Buffer.from(`{${members.join(',')}}`);
  const paddedBytes = Math.ceil(json.byteLength / 8) * 8;
  const header = Buffer.alloc(lengthBytes + paddedBytes, ' ');
  header.writeBigUInt64LE(BigInt(paddedBytes), 0);
  json.copy(header, lengthBytes);
  return header;
}

function parseJsonObject(json: Uint8Array): object {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
    value = JSON.parse(text);
  } catch (error) {
    throw new SafetensorsError('INVALID_HEADER', 'the header is not JSON in UTF-8', { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SafetensorsError('INVALID_HEADER', 'the header is not a JSON object');
  }
  // JSON.parse keeps the last of two equal names; another reader may keep the first, and see other weights.
  if (memberCount(text) !== Object.keys(value).length) {
    throw new SafetensorsError('INVALID_HEADER', 'the header gives a name twice');
  }
  return value;
}

/** How many members the outermost object of a valid JSON text has: the colons outside of strings and inner values. */
function memberCount(json: string): number {
  let depth = 0;
  let count = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === ':' && depth === 1) count++;
  }
  return count;
}

/**
 * Checks that the tensors fill the data exactly, one after the other. A gap could hide other content; an overlap would
 * let one tensor's bytes be read as another's.
 */
function checkLayout(entries: readonly (readonly [string, TensorEntry])[], dataBytes: number): void {
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
    const size = elementBytes.get(dtype);
    if (size !== undefined && elementCount(shape) * size !== end - begin) {
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

/** How many elements a tensor has; a scalar `[]` has one. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Compares by UTF-16 code units, so that no locale affects the bytes of a file. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
