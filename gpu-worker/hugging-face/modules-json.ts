import { join } from 'node:path';
import { z } from 'zod';
import type { Pooling } from '../../src/protocol/pooling.js';
import { type ModelFiles, readModelFile } from './model-files.js';

const maxBytes = 2 ** 20;

const Modules = z.array(z.object({ path: z.string(), type: z.string() }));

/** sentence-transformers 6 writes `pooling_mode`; earlier versions wrote a truth value for each mode. */
const PoolingConfig = z.looseObject({ pooling_mode: z.union([z.string(), z.array(z.string())]).optional() });

const formerModes: readonly (readonly [key: string, mode: string])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

/**
 * How a model says that vectors of texts are made of its tokens' states: by the `modules.json` of
 * sentence-transformers, and the configuration of the pooling module that it names. Null where it does not say, says it
 * in a form that is not known, or pools in a way that heads of no family read.
 */
export async function statedPooling(files: ModelFiles): Promise<Pooling | null> {
  const modules = Modules.safeParse(await jsonOf(files, 'modules.json')).data ?? [];
  const pooling = modules.find(({ type }) => type.split('.').at(-1) === 'Pooling');
  if (pooling === undefined) return null;
  const config = PoolingConfig.safeParse(await jsonOf(files, `${pooling.path}/config.json`)).data;
  const modes = config === undefined ? [] : modesOf(config);
  switch (modes.length === 1 ? modes[0] : undefined) {
    case 'mean':
      return 'mean';
    case 'cls':
      return 'firstToken';
    default:
      return null;
  }
}

/** Where no mode is chosen, sentence-transformers takes the mean. */
function modesOf(config: z.infer<typeof PoolingConfig>): readonly string[] {
  const { pooling_mode: mode } = config;
  if (mode !== undefined) return typeof mode === 'string' ? [mode] : mode;
  const chosen = formerModes.flatMap(([key, name]) => (config[key] === true ? [name] : []));
  return chosen.length === 0 ? ['mean'] : chosen;
}

/** Undefined where there is no such file, or what it holds is no JSON. */
async function jsonOf(files: ModelFiles, name: string): Promise<unknown> {
  if (!files.names.has(name)) return undefined;
  const text = (await readModelFile(files, name, maxBytes)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The files of the model itself: those of the folder that `modules.json` names for the module that runs it, where it is
 * not the model's own. Exports of models whose heads no class of transformers has are such, and models that early
 * versions of sentence-transformers saved.
 */
export async function transformerIn(files: ModelFiles): Promise<ModelFiles> {
  if (files.names.has('config.json')) return files;
  const modules = Modules.safeParse(await jsonOf(files, 'modules.json')).data ?? [];
  const path = modules.find(({ type }) => type.split('.').at(-1) === 'Transformer')?.path ?? '';
  const prefix = `${path}/`;
  if (path === '' || !files.names.has(`${prefix}config.json`)) return files;
  const own = [...files.names].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return {
    ...files,
    folder: join(files.folder, path),
    names: new Set(own),
    fetch: (names, maxBytes) =>
      files.fetch(
        names.map((name) => prefix + name),
        maxBytes,
      ),
  };
}
