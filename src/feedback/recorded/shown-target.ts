import { saidIn } from '../../generations/answers.js';
import { generationsByIds, logsOfGenerations } from '../../generations/generation.reads.js';
import { rowId } from '../../graphql/global-id.js';
import { baseModelsByIds } from '../../models/base-model.reads.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { groupOf } from '../../protocol/feedback/group-of.js';
import { LoggedGenerationEvent } from '../../protocol/generation.js';
import type { Query } from '../../protocol/sql/query.js';
import type { AnswerTargetInput, FeedbackTargetInput } from './recorded-feedback.input.js';
import type { Of, ShownTarget } from './shown.js';
import { keptPrediction, toldPrediction } from './shown-prediction.js';

/** Looks up what feedback is about, in a project. Throws ProblemsError. */
export async function shownTarget(query: Query, project: Of, input: FeedbackTargetInput): Promise<ShownTarget> {
  const { answer, prediction, predicted } = input;
  if (answer != null) return shownAnswer(query, project, answer);
  return predicted == null ? toldPrediction(query, project, prediction!) : keptPrediction(query, project, predicted);
}

const answerPath = ['target', 'answer'];

/** The id of a completion, as clients of the OpenAI-compatible endpoint get it: the row id of the generation. */
const completionId = /^(?:chat)?cmpl-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

async function shownAnswer(query: Query, project: Of, input: AnswerTargetInput): Promise<ShownTarget> {
  const idPath = [...answerPath, 'generationId'];
  const id = completionId.exec(input.generationId)?.[1] ?? rowId('Generation', input.generationId, idPath);
  const [generation] = await generationsByIds(query, [id]);
  if (generation === undefined || generation.projectId !== project.id) {
    const message = 'There is no generation with this id in the project.';
    const hint = 'Generations are kept for 7 days after their end: record feedback within that time.';
    throw new ProblemsError([problem(idPath, 'NOT_FOUND', message, hint)]);
  }
  const { prompt, sample } = input;
  const { prompts, settings, status, baseModelId } = generation;
  const problems = [
    ...placeProblems('prompt', prompt, prompts.length, 'prompts'),
    ...placeProblems('sample', sample, settings.samples, 'answers to each prompt'),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  const [model] = await baseModelsByIds(query, [baseModelId]);
  if (model === undefined) throw new Error(`Generation ${id} has no model.`);
  const log = await logsOfGenerations(query, [id]);
  const said = saidIn(
    log.map(({ payload }) => LoggedGenerationEvent.parse(payload)),
    prompts.length,
    settings.samples,
  );
  const { text, reason } = said.answers[prompt * settings.samples + sample]!;
  if (reason === null && (status === 'QUEUED' || status === 'RUNNING')) {
    const message = 'This answer is not written to its end yet.';
    throw new ProblemsError([problem(idPath, 'CONFLICT', message, 'Record feedback once it is.')]);
  }
  if (text === '') {
    const message = 'The model wrote nothing here, so there is nothing to judge.';
    throw new ProblemsError([problem(answerPath, 'INVALID_VALUE', message)]);
  }
  const content = {
    prompt: prompts[prompt]!,
    text: null,
    answers: [{ key: 'a', text, modelId: model.id, generationId: id, settings: { ...settings } }],
    row: null,
  };
  return {
    model,
    head: null,
    generationId: id,
    target: { kind: 'answer', modelName: model.name, prompt, sample, settings },
    content: { ...content, group: groupOf(content) },
  };
}

function placeProblems(field: string, place: number, count: number, what: string): InputProblem[] {
  if (place >= 0 && place < count) return [];
  const message = `The generation has ${count} ${what}, which count from 0; there is none at ${place}.`;
  return [problem([...answerPath, field], 'INVALID_VALUE', message, `Give 0 to ${count - 1}.`)];
}
