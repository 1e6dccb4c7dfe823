import { saysNothing } from '../../src/protocol/licences/hub-names.js';
import { mediaTypes } from '../../src/storage/artifact-rows.js';
import { parseObject } from './config.js';
import { licenceOfText } from './licence-text.js';
import { licenceOf } from './model-card.js';
import { type ModelFiles, readModelFile } from './model-files.js';

/** A file of a model that stays with it for exports. */
export interface KeptFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const megabyte = 2 ** 20;

/** Files for people, about a model as a whole. */
const documents = /^(README\.md|(LICEN[CS]E|NOTICE|USE_POLICY)(\.md|\.txt)?)$/i;

const licenceFile = /^LICEN[CS]E(\.md|\.txt)?$/i;

export function isDocument(name: string): boolean {
  return documents.test(name);
}

/**
 * What stays: how the tokenizer is to be used, how the model is talked to and what ends its answers, what people should
 * read, and how sentence-transformers pools.
 */
const kept: readonly { readonly pattern: RegExp; readonly maxBytes: number }[] = [
  {
    pattern: /^(config|generation_config|tokenizer_config|special_tokens_map|added_tokens)\.json$/,
    maxBytes: 4 * megabyte,
  },
  { pattern: /^(vocab\.txt|vocab\.json|merges\.txt)$/, maxBytes: 64 * megabyte },
  { pattern: /^(chat_template|additional_chat_templates\/[\w-]+)\.jinja$/, maxBytes: megabyte },
  { pattern: documents, maxBytes: megabyte },
  { pattern: /^(modules|sentence_bert_config|config_sentence_transformers)\.json$/, maxBytes: megabyte },
  { pattern: /^\d+_Pooling\/config\.json$/, maxBytes: megabyte },
];

/** Names of the files that stay with a model, sorted. */
function keptNames(files: ModelFiles): string[] {
  return [...files.names].filter((name) => kept.some(({ pattern }) => pattern.test(name))).sort();
}

/**
 * Reads the files that stay with a model. Errors: ProblemError INVALID_MODEL for one that is far too large to be what
 * its name says.
 *
 * @param outer the folder that the model's own lies in; else the same
 */
export async function readKeptFiles(files: ModelFiles, outer: ModelFiles): Promise<KeptFile[]> {
  const own = await readThose(files, keptNames(files));
  if (outer === files) return own;
  const known = new Set(own.map(({ name }) => name));
  const others = keptNames(outer).filter((name) => isDocument(name) && !known.has(name));
  return [...own, ...(await readThose(outer, others))].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readThose(files: ModelFiles, names: readonly string[]): Promise<KeptFile[]> {
  const read: KeptFile[] = [];
  for (const name of names) {
    const { maxBytes } = kept.find(({ pattern }) => pattern.test(name))!;
    read.push({ name, bytes: await readModelFile(files, name, maxBytes) });
  }
  return read;
}

/** The licence that the model card names, or whose text is beside it. */
export async function licenceIn(files: readonly KeptFile[]): Promise<string | null> {
  const card = files.find(({ name }) => name.toLowerCase() === 'readme.md');
  const named = card === undefined ? null : licenceOf(card.bytes.toString('utf8'));
  if (named !== null && !saysNothing(named)) return named;
  for (const { bytes } of files.filter(({ name }) => licenceFile.test(name))) {
    const found = await licenceOfText(bytes.toString('utf8'));
    if (found !== null) return found;
  }
  return named;
}

/** Which side of a long text the tokenizer's configuration cuts off; transformers' default is the right. */
export function truncationSideIn(files: readonly KeptFile[]): 'left' | 'right' {
  const name = 'tokenizer_config.json';
  const file = files.find((one) => one.name === name);
  if (file === undefined) return 'right';
  return truncationSideOf(parseObject(file.bytes.toString('utf8'), name));
}

/** The same, from the content of a `tokenizer_config.json`. */
export function truncationSideOf(tokenizerConfig: Readonly<Record<string, unknown>>): 'left' | 'right' {
  return tokenizerConfig.truncation_side === 'left' ? 'left' : 'right';
}

export function mediaTypeOf(name: string): string {
  if (name.endsWith('.json')) return mediaTypes.json;
  return name.endsWith('.md') ? 'text/markdown' : 'text/plain';
}
