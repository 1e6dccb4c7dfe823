import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import { beyondTable, tokenTypesOf } from '../../src/protocol/token-types.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import { ProblemError } from '../problem-error.js';

/**
 * Whether a model is fed the types of its tokens.
 *
 * @param path of the second texts, in what asks for them
 * @throws ProblemError INVALID_VALUE where the tokenizer gives types that the model has no row for
 */
export function readsTokenTypes(
  { manifest, tokenizer }: { readonly manifest: ModelManifest; readonly tokenizer: Pick<Tokenizer, 'typeIds'> },
  isPair: boolean,
  path: string,
): boolean {
  const types = tokenTypesOf(manifest, tokenizer.typeIds, isPair);
  if (types.beyond === null) return types.areRead;
  const hint = isPair ? 'Leave the second texts out, or choose another model.' : 'Choose another model.';
  throw new ProblemError({ path: [path], code: 'INVALID_VALUE', message: beyondTable(types, isPair), hint });
}
