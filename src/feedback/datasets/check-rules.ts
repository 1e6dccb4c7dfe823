import { type InputProblem, problem } from '../../problems/problem.js';
import type { FeedbackDatasetRules, FeedbackPolicy } from '../../protocol/feedback/dataset-rules.js';
import type { FeedbackKind, FeedbackQuestion } from '../../protocol/feedback.js';

const all = ['pairwise', 'ranking', 'rating', 'labels', 'spans', 'correction', 'demonstration', 'thumbs'] as const;

/** The kinds of questions that a policy is for. */
const kindsOf = {
  majority: all,
  allVotes: all,
  adjudicated: all,
  posterior: ['pairwise', 'ranking', 'rating', 'labels', 'thumbs'],
  crowdlab: ['labels'],
  scale: ['rating'],
} as const satisfies Readonly<Record<FeedbackPolicy['kind'], readonly FeedbackKind[]>>;

/** What of rules does not fit a question. */
export function checkRules(question: FeedbackQuestion, rules: FeedbackDatasetRules): InputProblem[] {
  const { kind } = question;
  const { policy, unpaired, correctionPairs, modelJudgements } = rules;
  const problems: InputProblem[] = [];
  if (!(kindsOf[policy.kind] as readonly FeedbackKind[]).includes(kind)) {
    const possible = (Object.keys(kindsOf) as FeedbackPolicy['kind'][]).filter((each) =>
      (kindsOf[each] as readonly FeedbackKind[]).includes(kind),
    );
    const message = `The policy \`${policy.kind}\` does not fit answers of the kind ${nameOf(kind)}.`;
    problems.push(problem(['policy', policy.kind], 'INVALID_VALUE', message, `There are: ${possible.join(', ')}.`));
  }
  if (policy.kind === 'crowdlab' && question.kind === 'labels' && question.several) {
    const message = 'CROWDLAB is for questions of one label.';
    problems.push(problem(['policy', 'crowdlab'], 'INVALID_VALUE', message, 'Take `posterior` or `majority`.'));
  }
  if (unpaired && kind !== 'pairwise') {
    const message = `Answers of the kind ${nameOf(kind)} do not say of two texts whether each is good.`;
    problems.push(problem(['unpaired'], 'INVALID_VALUE', message, 'Leave it out.'));
  }
  if (correctionPairs && kind !== 'correction') {
    const message = `Answers of the kind ${nameOf(kind)} are no corrections.`;
    problems.push(problem(['correctionPairs'], 'INVALID_VALUE', message, 'Leave it out.'));
  }
  if (modelJudgements === true && kind !== 'pairwise') {
    const message = `Reward models judge pairs, and no answers of the kind ${nameOf(kind)}.`;
    problems.push(problem(['modelJudgements'], 'INVALID_VALUE', message, 'Leave it out.'));
  }
  return problems;
}

/**
 * Why the answers of tasks can not be in one version: their questions differ. Only the labels of labels and spans may.
 * @param questions of the tasks, in the order of the input
 */
export function checkAlike(questions: readonly FeedbackQuestion[]): InputProblem[] {
  const [first] = questions;
  return questions.flatMap((question, i) => {
    const path = ['taskIds', String(i)];
    if (question.kind !== first!.kind) {
      const message = `The task asks for ${nameOf(question.kind)}, and the first one for ${nameOf(first!.kind)}.`;
      return [problem(path, 'INVALID_VALUE', message, 'Make a version of each, and join them with prepareDataset.')];
    }
    if (scaleOf(question) === scaleOf(first!)) return [];
    const message = 'The question of the task has another scale than that of the first one.';
    return [problem(path, 'INVALID_VALUE', message, 'Make a version of each.')];
  });
}

function scaleOf(question: FeedbackQuestion): string {
  switch (question.kind) {
    case 'pairwise':
      return String(question.strengths);
    case 'rating':
      return `${question.from} ${question.to}`;
    case 'labels':
      return String(question.several);
    case 'ranking':
    case 'spans':
    case 'correction':
    case 'demonstration':
    case 'thumbs':
      return '';
    default:
      return question satisfies never;
  }
}

function nameOf(kind: FeedbackKind): string {
  return kind.toUpperCase();
}
