import { traitsOf } from '../../../src/protocol/architectures/index.js';
import type { ExportForm } from '../export/layout.js';
import { type FamilyName, familyOf } from '../families/index.js';
import { poolerNames } from '../tensor-names.js';

/** What PEFT puts before every name in an adapter's file: the adapted model is `base_model.model` of PEFT's. */
const peftPrefix = 'base_model.model.';

/** Which class of transformers an adapter is for. */
export type AdapterForm = ExportForm;

/**
 * Attune's name of a tensor in PEFT's file of an adapter. Names of the encoder are the same in a bare model and within
 * a classifier, but for the family's name before them.
 */
export function fromPeftName(family: FamilyName, form: AdapterForm, name: string, task: string): string {
  const inside = name.startsWith(peftPrefix) ? name.slice(peftPrefix.length) : name;
  for (const [theirs, ours] of [...poolerNames(family), [headModuleOf(family, form), `heads.${task}`] as const]) {
    if (theirs !== null && inside.startsWith(`${theirs}.`)) return `${ours}${inside.slice(theirs.length)}`;
  }
  const prefix = `${familyOf(family).baseModule}.`;
  return inside.startsWith(prefix) ? inside.slice(prefix.length) : inside;
}

/**
 * The name that a tensor has in PEFT's file of an adapter. A bare model has no place for heads, so names of heads and
 * their pooler differ only in a classifier.
 */
export function toPeftName(family: FamilyName, form: AdapterForm, name: string): string {
  if (form === 'bare') return `${peftPrefix}${name}`;
  const head = headModuleOf(family, form);
  const pooler = poolerNames(family).find(([, ours]) => name.startsWith(`${ours}.`));
  const inside =
    pooler !== undefined
      ? pooler[0] + name.slice(pooler[1].length)
      : head !== null && name.startsWith('heads.')
        ? name.replace(/^heads\..+(?=\.)/, head)
        : `${familyOf(family).baseModule}.${name}`;
  return `${peftPrefix}${inside}`;
}

/** The name of the head in the class that an adapter is for, null where it has none. */
function headModuleOf(family: FamilyName, form: AdapterForm): string | null {
  const { classifier, tokenHead } = familyOf(family);
  return form === 'tokenClassifier' ? tokenHead : classifier.head;
}

/** PEFT's name of the task. */
export function taskTypeOf(form: AdapterForm): string {
  switch (form) {
    case 'textClassifier':
      return 'SEQ_CLS';
    case 'tokenClassifier':
      return 'TOKEN_CLS';
    case 'languageModel':
      return 'CAUSAL_LM';
    case 'bare':
      return 'FEATURE_EXTRACTION';
    default:
      return form satisfies never;
  }
}

/**
 * Modules that PEFT must train and keep in full beside the adapter, so that a loaded classifier has all it reads. Null
 * for the bare model, which needs none.
 *
 * @param keepsPooler whether a pooler of the bare model was trained in full
 */
export function modulesToSave(name: FamilyName, form: AdapterForm, keepsPooler: boolean): string[] | null {
  if (form === 'bare' || form === 'languageModel') return null;
  const { modulesToSave, bareModelPooler, tokenHead } = familyOf(name);
  if (form === 'tokenClassifier' && traitsOf({ architecture: name }).poolsAll !== true) {
    return tokenHead === null ? null : [tokenHead];
  }
  return [...modulesToSave, ...(keepsPooler && bareModelPooler === 'ofClassifier' ? ['pooler'] : [])];
}
