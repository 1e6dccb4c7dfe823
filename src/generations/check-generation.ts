import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { Prompt } from '../protocol/generation.js';
import type { GenerateInput, PromptInput, SamplingInput } from './generation.input.js';
import { generationLimits as limits } from './generation-limits.js';

/** The parts of the input that say what is generated. */
export interface GenerationRequest
  extends Pick<
    GenerateInput,
    'prompts' | 'sampling' | 'stop' | 'samples' | 'topLogProbabilities' | 'output' | 'rerank' | 'weights'
  > {
  /** Null: as many as fit. */
  readonly maxTokens: number | null;
}

/** What of a request shows without its model. Throws ProblemsError. */
export function checkGeneration(request: GenerationRequest): void {
  const { prompts, sampling, maxTokens, stop, samples, topLogProbabilities, output } = request;
  const problems = [
    ...counted(['prompts'], prompts.length, 1, limits.maxPrompts, 'prompts'),
    ...prompts.slice(0, limits.maxPrompts).flatMap((prompt, i) => checkPrompt(prompt, ['prompts', String(i)])),
    ...(sampling == null ? [] : checkSampling(sampling)),
    ...(maxTokens === null ? [] : inRange(['maxTokens'], maxTokens, 1, limits.maxTokens)),
    ...inRange(['samples'], samples, 1, limits.maxAnswers),
    ...(topLogProbabilities == null
      ? []
      : inRange(['topLogProbabilities'], topLogProbabilities, 0, limits.maxTopLogProbabilities)),
    ...checkTexts(['stop'], stop ?? [], 0, limits.maxStops, limits.maxStopCharacters),
    ...(output == null ? [] : checkOutput(output)),
  ];
  if (problems.length === 0 && prompts.length * samples > limits.maxAnswers) {
    const message = `${prompts.length} prompts with ${samples} answers each are ${prompts.length * samples} answers.`;
    problems.push(problem(['samples'], 'TOO_LONG', message, `Ask for at most ${limits.maxAnswers} in one call.`));
  }
  if (problems.length > 0) throw new ProblemsError(problems);
}

export function toPrompt({ text, messages }: PromptInput): Prompt {
  if (text != null) return { kind: 'text', text };
  return { kind: 'messages', messages: messages!.map(({ role, content }) => ({ role, content })) };
}

function checkPrompt({ text, messages }: PromptInput, path: readonly string[]): InputProblem[] {
  const { maxPromptCharacters, maxMessages, maxRoleCharacters } = limits;
  const characters = text?.length ?? (messages ?? []).reduce((sum, { content }) => sum + content.length, 0);
  const tooLong = characters > maxPromptCharacters;
  const message = `A prompt has at most ${maxPromptCharacters} characters; this one has ${characters}.`;
  return [
    ...(tooLong ? [problem(path, 'TOO_LONG', message)] : []),
    ...(messages == null ? [] : counted([...path, 'messages'], messages.length, 1, maxMessages, 'messages')),
    ...(messages ?? []).slice(0, maxMessages).flatMap(({ role }, i) => {
      const rolePath = [...path, 'messages', String(i), 'role'];
      if (role === '') return [problem(rolePath, 'REQUIRED', 'A message needs a role.')];
      if (role.length <= maxRoleCharacters) return [];
      return [problem(rolePath, 'TOO_LONG', `A role has at most ${maxRoleCharacters} characters.`)];
    }),
  ];
}

function checkSampling(sampling: SamplingInput): InputProblem[] {
  const { temperature, topK, topP, minP, repetitionPenalty, presencePenalty, frequencyPenalty } = sampling;
  const { maxTemperature, maxRepetitionPenalty, maxPenalty } = limits;
  const path = (field: string) => ['sampling', field];
  return [
    ...inRange(path('temperature'), temperature, 0, maxTemperature),
    ...(topK == null ? [] : inRange(path('topK'), topK, 1, Number.MAX_SAFE_INTEGER)),
    ...aboveZero(path('topP'), topP, 1),
    ...inRange(path('minP'), minP, 0, 1),
    ...aboveZero(path('repetitionPenalty'), repetitionPenalty, maxRepetitionPenalty),
    ...inRange(path('presencePenalty'), presencePenalty, -maxPenalty, maxPenalty),
    ...inRange(path('frequencyPenalty'), frequencyPenalty, -maxPenalty, maxPenalty),
  ];
}

function checkOutput({ jsonSchema, choices }: NonNullable<GenerateInput['output']>): InputProblem[] {
  if (choices != null) {
    return checkTexts(['output', 'choices'], choices, 1, limits.maxChoices, limits.maxChoiceCharacters);
  }
  const path = ['output', 'jsonSchema'];
  const isSchema = jsonSchema === true || (typeof jsonSchema === 'object' && !Array.isArray(jsonSchema));
  if (!isSchema) return [problem(path, 'INVALID_VALUE', 'A JSON Schema is an object, or `true`.')];
  const characters = JSON.stringify(jsonSchema).length;
  if (characters <= limits.maxSchemaCharacters) return [];
  const message = `A schema has at most ${limits.maxSchemaCharacters} characters; this one has ${characters}.`;
  return [problem(path, 'TOO_LONG', message)];
}

/** A list of different texts, none empty. */
function checkTexts(
  path: readonly string[],
  texts: readonly string[],
  min: number,
  max: number,
  maxCharacters: number,
): InputProblem[] {
  const seen = new Set<string>();
  return [
    ...counted(path, texts.length, min, max, 'texts'),
    ...texts.slice(0, max).flatMap((text, i) => {
      const of = [...path, String(i)];
      const isRepeated = seen.has(text);
      seen.add(text);
      if (text === '') return [problem(of, 'INVALID_VALUE', 'The text is empty.')];
      if (isRepeated) return [problem(of, 'INVALID_VALUE', 'The text is there twice.')];
      if (text.length <= maxCharacters) return [];
      return [problem(of, 'TOO_LONG', `A text here has at most ${maxCharacters} characters.`)];
    }),
  ];
}

function counted(path: readonly string[], count: number, min: number, max: number, what: string): InputProblem[] {
  if (count < min) return [problem(path, 'REQUIRED', `There are no ${what}.`)];
  return count <= max ? [] : [problem(path, 'TOO_LONG', `There are ${count} ${what}, and ${max} are allowed.`)];
}

function inRange(path: readonly string[], value: number, min: number, max: number): InputProblem[] {
  if (value >= min && value <= max) return [];
  const bounds = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `from ${min} to ${max}`;
  return [problem(path, 'INVALID_VALUE', `The value must be ${bounds}; it is ${value}.`)];
}

function aboveZero(path: readonly string[], value: number, max: number): InputProblem[] {
  if (value > 0 && value <= max) return [];
  return [problem(path, 'INVALID_VALUE', `The value must be above 0, up to ${max}; it is ${value}.`)];
}
