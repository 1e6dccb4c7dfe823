import { type InputProblem, problem } from '../../problems/problem.js';

/** The most characters of a chat template; those of public models have some thousands. */
const mostTemplateCharacters = 100_000;

/** Problems of a chat template that show without a model. @param path of the method in the input */
export function checkTemplate(template: string | null, path: readonly string[]): InputProblem[] {
  const at = [...path, 'chatTemplate'];
  if (template === null) return [];
  if (template.trim() === '') return [problem(at, 'REQUIRED', 'The chat template is empty.', 'Leave it out.')];
  if (template.length <= mostTemplateCharacters) return [];
  return [
    problem(at, 'TOO_LONG', `A chat template has at most ${mostTemplateCharacters.toLocaleString('en')} characters.`),
  ];
}
