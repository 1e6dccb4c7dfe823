import type { ExportForm } from '../export/layout.js';
import { type FamilyName, familyOf } from '../families/index.js';
import { tokenHeadModule } from '../tensor-names.js';

/** What PEFT puts before every name in an adapter's file: the adapted model is `base_model.model` of its own one. */
const peftPrefix = 'base_model.model.';

/** Which class of transformers an adapter is for. */
export type AdapterForm = ExportForm;

/**
 * The name a tensor has here. The encoder's are named alike in a bare model and within a classifier, but for the
 * family's name before them.
 */
export function fromPeftName(family: FamilyName, form: AdapterForm, name: string, task: string): string {
  const inside = name.startsWith(peftPrefix) ? name.slice(peftPrefix.length) : name;
  const { head, pooler } = modulesOf(family, form);
  for (const [theirs, ours] of [
    [pooler, 'pooler.dense'],
    [head, `heads.${task}`],
  ] as const) {
    if (inside.startsWith(`${theirs}.`)) return `${ours}${inside.slice(theirs.length)}`;
  }
  return inside.startsWith(`${family}.`) ? inside.slice(family.length + 1) : inside;
}

/**
 * The name a tensor has in PEFT's file of an adapter. Only classes of transformers with the one head have a place for
 * it and its pooler.
 */
export function toPeftName(family: FamilyName, form: AdapterForm, name: string): string {
  if (form === 'bare') return `${peftPrefix}${name}`;
  const { head, pooler } = modulesOf(family, form);
  const inside = name.startsWith('pooler.dense.')
    ? name.replace('pooler.dense', pooler)
    : name.startsWith('heads.')
      ? name.replace(/^heads\..+(?=\.)/, head)
      : `${family}.${name}`;
  return `${peftPrefix}${inside}`;
}

/**
 * A class of tokens has its head alone; names of a pooler's adapter are told from a bare model as from one of texts.
 */
function modulesOf(family: FamilyName, form: AdapterForm): { readonly head: string; readonly pooler: string } {
  const { head, pooler } = familyOf(family).classifier;
  return { head: form === 'tokenClassifier' ? tokenHeadModule : head, pooler };
}

/** PEFT's name of the task. */
export function taskTypeOf(form: AdapterForm): string {
  switch (form) {
    case 'textClassifier':
      return 'SEQ_CLS';
    case 'tokenClassifier':
      return 'TOKEN_CLS';
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
  if (form === 'bare') return null;
  if (form === 'tokenClassifier') return [tokenHeadModule];
  const { modulesToSave, bareModelPooler } = familyOf(name);
  return [...modulesToSave, ...(keepsPooler && bareModelPooler === 'ofClassifier' ? ['pooler'] : [])];
}
