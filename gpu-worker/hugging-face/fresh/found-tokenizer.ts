import type { ConfigurationSource } from '../../../src/protocol/model-source.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { createTokenizer, type Tokenizer } from '../../../src/tokenizer/index.js';
import { readArtifact } from '../../models/artifacts.js';
import { loadManifest } from '../../models/load-model.js';
import { ProblemError } from '../../problem-error.js';
import { parseObject } from '../config.js';
import { type KeptFile, licenceIn, readKeptFiles } from '../kept-files.js';
import type { ModelFiles } from '../model-files.js';
import { openSource, type SourceTools } from '../open-source.js';
import { asFileProblem } from '../problems.js';
import { checkTokenizer, readTokenizerFile, type TokenizerFile } from '../tokenizer-file.js';
import type { TransferMeter } from '../transfer-progress.js';

/** A tokenizer that was found for a new model, with what the files beside it say. */
export interface FoundTokenizer {
  readonly file: TokenizerFile;
  readonly tokenizer: Tokenizer;
  /** `tokenizer_config.json`, with the tokens that only `special_tokens_map.json` names. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `config.json` of the model that it came with. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Files that stay with it: its chat templates. */
  readonly kept: readonly KeptFile[];
  readonly licence: string | null;
}

const isChatTemplate = (name: string) => name.endsWith('.jinja');

/**
 * Finds the tokenizer of a new model. Errors: ProblemError as of an import, at the tokenizer's place in the input;
 * MISSING_ARTIFACT of a base model's.
 */
export async function findTokenizer(
  source: ConfigurationSource['tokenizer'],
  tools: SourceTools & { readonly store: ArtifactStore },
  meter: TransferMeter,
): Promise<FoundTokenizer> {
  switch (source.kind) {
    case 'baseModel':
      return ofBaseModel(source.digest, tools.store);
    case 'upload':
      return ofUpload(source.digest, tools.store);
    case 'folder':
    case 'hub': {
      let files: ModelFiles | null = null;
      let isRead = false;
      try {
        files = await openSource(source, tools, meter);
        const found = await inFiles(files);
        isRead = true;
        return found;
      } catch (error) {
        throw placed(asFileProblem(error, 'a file of the tokenizer', source.kind === 'hub'), source.kind);
      } finally {
        await files?.release(isRead);
      }
    }
    default:
      return source satisfies never;
  }
}

async function ofBaseModel(digest: string, store: ArtifactStore): Promise<FoundTokenizer> {
  const manifest = await loadManifest(store, digest);
  const file = checkTokenizer(
    await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer'),
    Number.POSITIVE_INFINITY,
  );
  const files = await Promise.all(
    manifest.files.map(async ({ name, digest: own }) => ({ name, bytes: await readArtifact(store, own, name) })),
  );
  return withSettings(file, files, manifest.licence);
}

async function ofUpload(digest: string, store: ArtifactStore): Promise<FoundTokenizer> {
  try {
    const bytes = await readArtifact(store, digest, 'the uploaded tokenizer');
    return withSettings(checkTokenizer(bytes, Number.POSITIVE_INFINITY), [], null);
  } catch (error) {
    throw placed(error, 'uploadId');
  }
}

async function inFiles(files: ModelFiles): Promise<FoundTokenizer> {
  const file = await readTokenizerFile(files, Number.POSITIVE_INFINITY);
  const kept = await readKeptFiles(files, files);
  return withSettings(file, kept, await licenceIn(kept));
}

function withSettings(file: TokenizerFile, files: readonly KeptFile[], licence: string | null): FoundTokenizer {
  const objectIn = (name: string) => {
    const found = files.find((one) => one.name === name);
    return found === undefined ? {} : parseObject(found.bytes.toString('utf8'), name);
  };
  return {
    file,
    tokenizer: createTokenizer(file.bytes),
    settings: { ...objectIn('special_tokens_map.json'), ...objectIn('tokenizer_config.json') },
    config: objectIn('config.json'),
    kept: files.filter(({ name }) => isChatTemplate(name)),
    licence,
  };
}

/** A problem of reading files is one of an import's `source`; here they are the source of the tokenizer. */
function placed(error: unknown, field: 'folder' | 'hub' | 'uploadId'): unknown {
  if (!(error instanceof ProblemError) || error.problem.path[0] !== 'source') return error;
  const [, ...rest] = error.problem.path;
  const path = ['source', 'tokenizer', field, ...rest];
  return new ProblemError({ ...error.problem, path }, { cause: error });
}
