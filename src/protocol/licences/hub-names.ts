/**
 * Names of licences in model cards that SPDX does not list: licences of single models, and families of licences of
 * which the card does not say which one. https://huggingface.co/docs/hub/repositories-licenses
 */
export const hubNames: readonly string[] = [
  'apple-amlr',
  'apple-ascl',
  'bigcode-openrail-m',
  'bigscience-bloom-rail-1.0',
  'bigscience-openrail-m',
  'bsd',
  'c-uda',
  'cc',
  'creativeml-openrail-m',
  'deepfloyd-if-license',
  'fair-noncommercial-research-license',
  'gemma',
  'gfdl',
  'gpl',
  'grok2-community',
  'h-research',
  'intel-research',
  'lgpl',
  'lgpl-lr',
  'llama2',
  'llama3',
  'llama3.1',
  'llama3.2',
  'llama3.3',
  'llama4',
  'open-mdw',
  'openrail',
  'openrail++',
  'pddl',
];

/** What stands where no licence is named. */
const nothing: ReadonlySet<string> = new Set(['', 'unknown', 'other', 'none', 'noassertion']);

/** Whether a licence's name says nothing of the licence. */
export function saysNothing(licence: string): boolean {
  return nothing.has(licence.trim().toLowerCase());
}
