import { type InputProblem, problem } from '../problems/problem.js';
import type { ModelManifest } from '../protocol/model-manifest.js';
import { beyondTable, givesTokenTypes, tokenTypesOf } from '../protocol/token-types.js';
import type { Tokenizers } from './tokenizers.js';

/**
 * Whether a model has a row for every type that its tokenizer gives tokens of pairs. Single texts are no question: the
 * import of a model sees to them.
 */
export async function checkTypesOfPairs(
  tokenizers: Tokenizers,
  manifest: Pick<ModelManifest, 'config' | 'givesTokenTypes' | 'tokenizer'>,
  path: readonly string[],
): Promise<InputProblem[]> {
  if (!givesTokenTypes(manifest)) return [];
  const { typeIds } = await tokenizers.get(manifest.tokenizer.digest);
  const types = tokenTypesOf(manifest, typeIds, true);
  if (types.beyond === null) return [];
  const message = `The model can not read pairs: ${beyondTable(types, true)}.`;
  return [problem(path, 'INVALID_VALUE', message, 'Leave the second texts out, or choose another model.')];
}
