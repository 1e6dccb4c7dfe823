import { readFileSync } from 'node:fs';

/** What llama.cpp's converter writes of a model (gguf_reference.py). */
export interface GgufReference {
  /** Keys of the model's `config.json` that were changed before. */
  readonly changes: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** By the type of the file, then by name. */
  readonly tensors: Readonly<
    Record<
      'F32' | 'F16' | 'Q8_0',
      Readonly<Record<string, { readonly type: string; readonly shape: readonly number[]; readonly sha256: string }>>
    >
  >;
}

export function ggufReferences(): Readonly<Record<string, GgufReference>> {
  return JSON.parse(readFileSync(new URL('gguf.reference.json', import.meta.url), 'utf8'));
}
