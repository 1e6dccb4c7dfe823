import { mediaTypes } from '../../../src/storage/artifact-rows.js';
import { readArtifact } from '../../models/artifacts.js';
import { parseObject } from '../config.js';
import { isDocument, mediaTypeOf, truncationSideOf } from '../kept-files.js';
import { baseCardFile } from './card.js';
import type { ExportContext } from './export-context.js';
import { jsonFile } from './json-file.js';
import type { PadToken } from './pad-token.js';

const configFile = 'config.json';
const tokenizerConfigFile = 'tokenizer_config.json';
const cardFile = 'README.md';

/** Files of sentence-transformers that came with a model: true of it as long as it has no trained heads. */
const poolingFiles = /^(modules\.json|sentence_bert_config\.json|config_sentence_transformers\.json|\d+_Pooling\/.*)$/;

/** What a format changes of the files that it hands on. */
export interface HandOnChanges {
  /** Further keys of the tokenizer's configuration, by those that it has; null: it has none. */
  readonly tokenizerKeys?: (original: Keys | null) => Keys;
  /** Names of files that the format writes itself. */
  readonly ownFiles?: ReadonlySet<string>;
}

/**
 * Adds the tokenizer and those files that came with the model and are still true of it, as they are; the tokenizer's
 * configuration gets the model's truncation side where it has the other, and a causal model's padding. Returns the
 * names of the unchanged files.
 *
 * @param folder where the model itself lies in the export: empty, or with a slash at its end. Documents for people lie
 *   in the export's own folder
 */
export async function handOnFiles(
  { manifest, store, handOn, write }: ExportContext,
  folder = '',
  padToken: PadToken | null = null,
  { tokenizerKeys = () => ({}), ownFiles = new Set() }: HandOnChanges = {},
): Promise<Set<string>> {
  const names = new Set<string>();
  await handOn(`${folder}tokenizer.json`, manifest.tokenizer.digest, mediaTypes.json);
  for (const { name, digest } of manifest.files) {
    if (name === configFile || ownFiles.has(name) || (manifest.heads.length > 0 && poolingFiles.test(name))) continue;
    const original =
      name === tokenizerConfigFile
        ? parseObject((await readArtifact(store, digest, name)).toString('utf8'), name)
        : null;
    const changed = {
      ...(original !== null && truncationSideOf(original) !== manifest.truncationSide
        ? { truncation_side: manifest.truncationSide }
        : {}),
      ...(padToken === null ? {} : paddingKeys(original, padToken)),
      ...(original === null ? {} : tokenizerKeys(original)),
    };
    if (original !== null && Object.keys(changed).length > 0) {
      await write(folder + name, jsonFile({ ...original, ...changed }), mediaTypes.json);
    } else {
      const exported = name.toLowerCase() === cardFile.toLowerCase() ? baseCardFile : name;
      await handOn(isDocument(name) ? exported : folder + exported, digest, mediaTypeOf(name));
      names.add(exported);
    }
  }
  const further = tokenizerKeys(null);
  const isAbsent = manifest.files.every(({ name }) => name !== tokenizerConfigFile);
  if (isAbsent && (padToken !== null || Object.keys(further).length > 0)) {
    const written = { tokenizer_class: 'PreTrainedTokenizerFast', truncation_side: manifest.truncationSide };
    const padding = padToken === null ? {} : paddingKeys({}, padToken);
    await write(folder + tokenizerConfigFile, jsonFile({ ...written, ...padding, ...further }), mediaTypes.json);
  }
  return names;
}

type Keys = Readonly<Record<string, unknown>>;

/** What a tokenizer's configuration lacks or says otherwise: a causal model is padded on the right. */
function paddingKeys(
  original: Readonly<Record<string, unknown>> | null,
  { content }: PadToken,
): Readonly<Record<string, unknown>> {
  return {
    ...(original?.pad_token == null ? { pad_token: content } : {}),
    ...(original?.padding_side === 'right' ? {} : { padding_side: 'right' }),
  };
}
