import { join } from 'node:path';
import { defaultPooling } from '../../src/experiments/hyperparameter-defaults.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from '../../src/models/bundled/use-lite.js';
import { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { Pooling } from '../../src/protocol/pooling.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { importFolder } from '../heads/import-folder.js';
import type { BaseName } from './cell.js';

/** A base model in the store. */
export interface Base {
  readonly digest: string;
  readonly manifest: ModelManifest;
  /** As an experiment that names none has it. */
  readonly pooling: Pooling | null;
}

/** @param modelFolder of a sentence-transformers model of a BERT, in Hugging Face's layout */
export async function openBase(name: BaseName, store: ArtifactStore, modelFolder: string, folder: string) {
  switch (name) {
    case 'minilm': {
      const digest = await importFolder(store, modelFolder, join(folder, 'downloads'));
      return baseOf(digest, ModelManifest.parse(JSON.parse((await store.read(digest)).toString())));
    }
    case 'use-lite': {
      const manifest = await storeUseLite(await convertUseLite(findUseLitePackage()), store);
      return baseOf((await store.write(Buffer.from(JSON.stringify(manifest)))).digest, manifest);
    }
    default:
      return name satisfies never;
  }
}

function baseOf(digest: string, manifest: ModelManifest): Base {
  return { digest, manifest, pooling: defaultPooling(manifest).value };
}
