import type { ExperimentService } from '../experiments/experiment.service.js';
import type { ExpectedVersion } from '../experiments/resolve-draft.js';
import { columnsOf } from '../feedback/datasets/row-form.js';
import { toFeedbackQuestion } from '../feedback/feedback-question.type.js';
import type { LoopSettings, PeopleAsk } from './loop.js';
import { questionOf } from './steps/ask.js';
import { learntSplit, rulesOf } from './steps/prepare.js';

/**
 * Checks how a loop's rounds learn: on the rows that it begins with, or its prompts, where there are some; else on
 * what is known of the versions of answers that rounds will make. Labels that nobody has given yet are not looked at.
 * @param of `areConversations`: whether the prompts of pairs, and so their answers, are lists of chat turns
 * @throws ProblemsError whose paths lead into the input of an experiment
 */
export async function checkTraining(
  experiments: Pick<ExperimentService, 'plan' | 'checkAhead'>,
  of: {
    readonly projectSlug: string;
    readonly name: string;
    readonly baseModelId: string;
    readonly areConversations: boolean;
  },
  settings: LoopSettings,
): Promise<void> {
  const { projectSlug, name, baseModelId } = of;
  const { ask, startDataId } = settings;
  const { method, hyperparameters } = settings.training;
  const asked = { projectSlug, baseModelId, method, hyperparameters };
  if (ask.kind !== 'nobody' && startDataId === null) {
    await experiments.checkAhead(
      { ...asked, trainSplit: learntSplit },
      versionOfAnswers(ask, settings, of.areConversations),
    );
    return;
  }
  await experiments.plan({
    ...asked,
    name,
    datasetVersionId: ask.kind === 'nobody' ? ask.datasetVersionId : startDataId!,
    trainSplit: ask.kind === 'nobody' ? ask.split : learntSplit,
    tags: null,
    notes: null,
    priority: null,
    idempotencyKey: null,
  });
}

/** Where in a loop's input the problems of its training are. */
export function pathOfTraining({ ask, startDataId }: LoopSettings): (path: readonly string[]) => readonly string[] {
  return (path) => {
    const [first] = path;
    if (first === 'method' || first === 'hyperparameters') return ['training', ...path];
    if (first === 'baseModelId') return path;
    if (ask.kind !== 'nobody') return startDataId === null ? ['training'] : ['startDataId'];
    return ['ask', 'nobody', first === 'trainSplit' ? 'split' : 'datasetVersionId'];
  };
}

/** What is known of the version of the first round: its columns with their roles, and its only split. */
function versionOfAnswers(ask: PeopleAsk, settings: LoopSettings, areConversations: boolean): ExpectedVersion {
  const question = toFeedbackQuestion(questionOf(ask));
  const hasPrompts = ask.kind === 'pairs';
  const columns = columnsOf(question, rulesOf(settings), { any: hasPrompts, all: hasPrompts, areConversations });
  const labels = ask.kind === 'uncertain' ? ask.classes.map((label) => ({ label, count: 1 })) : null;
  return {
    // Nothing is read of it.
    digest: '',
    columns: columns.map(({ name, type, role }) => {
      const ofColumn = role === 'LABEL' || role === 'LABELS' ? labels : null;
      return { name, type, missing: 0, distinct: ofColumn?.length ?? ask.most, labels: ofColumn };
    }),
    splits: [{ name: learntSplit, exampleCount: ask.most }],
    roles: columns.map(({ name, role }) => ({ column: name, role, source: 'SAID' as const, reason: null })),
  };
}
