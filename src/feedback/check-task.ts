import { parseGlobalId } from '../graphql/global-id.js';
import { checkName } from '../organizing/names-and-tags.js';
import { type InputProblem, problem } from '../problems/problem.js';
import { categoryCount } from '../protocol/feedback/categories.js';
import type { FeedbackEnds, FeedbackOverlap, FeedbackQuestion } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';
import type {
  CreateFeedbackTaskInput,
  FeedbackEndsInput,
  FeedbackOverlapInput,
  UpdateFeedbackTaskInput,
} from './feedback-task.input.js';
import { taskLimits as limits } from './task-limits.js';

type Settings = Pick<
  UpdateFeedbackTaskInput,
  'name' | 'description' | 'instructions' | 'overlap' | 'claimSeconds' | 'goldShare' | 'repeatShare' | 'ends'
> &
  Partial<Pick<CreateFeedbackTaskInput, 'randomShare'>>;

/** What is wrong with the settings of a task that are given. */
export function checkTask(settings: Settings): InputProblem[] {
  const { name, description, instructions, overlap, claimSeconds, goldShare, repeatShare, randomShare, ends } =
    settings;
  return [
    ...(name == null ? [] : checkName(name)),
    ...inLength('description', description, limits.maxDescriptionCharacters),
    ...inLength('instructions', instructions, limits.maxInstructionsCharacters),
    ...(overlap == null ? [] : checkOverlap(overlap)),
    ...inRange(['claimSeconds'], claimSeconds, limits.minClaimSeconds, limits.maxClaimSeconds),
    ...inRange(['goldShare'], goldShare, 0, limits.maxExtraShare),
    ...inRange(['repeatShare'], repeatShare, 0, limits.maxExtraShare),
    ...inRange(['randomShare'], randomShare, limits.minRandomShare, 1),
    ...(ends == null ? [] : checkEnds(ends)),
  ];
}

/** The overlap as it is stored: where it never gets sure before the most answers, these are asked for at once. */
export function toOverlap(input: FeedbackOverlapInput | null | undefined, question: FeedbackQuestion): FeedbackOverlap {
  const atLeast = input?.atLeast ?? 1;
  const atMost = input?.atMost ?? atLeast;
  if (atMost === atLeast || categoryCount(question, { answers: [] }) === null) {
    return { atLeast, atMost: atLeast, sureAt: null };
  }
  return { atLeast, atMost, sureAt: input?.sureAt ?? limits.defaultSureAt };
}

export function toEnds(input: FeedbackEndsInput | null | undefined): FeedbackEnds {
  const { itemsSettled = true, answers = null, agreement = null } = input ?? {};
  return {
    itemsSettled,
    answers,
    agreement: agreement === null ? null : { alpha: agreement.alpha, units: agreement.units },
  };
}

/**
 * Row ids of the people who may take part; null: all who may annotate.
 * @returns or what is wrong with them: each has to be a member of the project, or an administrator of the server
 */
export async function participantsOf(
  query: Query,
  projectId: string,
  ids: readonly string[] | null | undefined,
): Promise<{ readonly participants: readonly string[] | null; readonly problems: readonly InputProblem[] }> {
  if (ids == null || ids.length === 0) return { participants: null, problems: [] };
  if (ids.length > limits.maxParticipants) {
    const message = `At most ${limits.maxParticipants} people can be named.`;
    return { participants: null, problems: [problem(['participants'], 'TOO_LONG', message, 'Name none: all may.')] };
  }
  const uuids = ids.map((id) => {
    const parsed = parseGlobalId(id);
    return parsed?.type === 'User' ? parsed.uuid : null;
  });
  const known = await query<{ id: string }>(
    `SELECT u.id FROM users u
      WHERE u.id = ANY($2::uuid[])
        AND (u.administrator OR EXISTS (SELECT FROM members m WHERE m.user_id = u.id AND m.project_id = $1))`,
    [projectId, uuids.filter((uuid) => uuid !== null)],
  );
  const members = new Set(known.map(({ id }) => id));
  const problems = uuids.flatMap((uuid, i) =>
    uuid !== null && members.has(uuid)
      ? []
      : [
          problem(
            ['participants', String(i)],
            'NOT_FOUND',
            'No member of the project has this id.',
            'Take the `id` of the `user` of one of the `members` of the project.',
          ),
        ],
  );
  return { participants: [...members], problems };
}

function checkOverlap({ atLeast, atMost, sureAt }: FeedbackOverlapInput): InputProblem[] {
  const problems = inRange(['overlap', 'atLeast'], atLeast, 1, limits.maxOverlap);
  if (atMost != null) {
    problems.push(...inRange(['overlap', 'atMost'], atMost, Math.max(1, atLeast), limits.maxOverlap));
  }
  if (sureAt != null && !(sureAt > 0 && sureAt < 1)) {
    problems.push(problem(['overlap', 'sureAt'], 'INVALID_VALUE', 'It must be above 0 and below 1.'));
  }
  return problems;
}

function checkEnds({ answers, agreement }: FeedbackEndsInput): InputProblem[] {
  const problems = inRange(['ends', 'answers'], answers, 1, 2 ** 31 - 1);
  if (agreement == null) return problems;
  if (!(agreement.alpha > 0 && agreement.alpha <= 1)) {
    const message = 'Alpha must be above 0, up to 1.';
    problems.push(problem(['ends', 'agreement', 'alpha'], 'INVALID_VALUE', message));
  }
  return [...problems, ...inRange(['ends', 'agreement', 'units'], agreement.units, 2, limits.maxItems)];
}

function inLength(field: string, text: string | null | undefined, most: number): InputProblem[] {
  if (text == null || text.length <= most) return [];
  return [problem([field], 'TOO_LONG', `It has at most ${most} characters; this one has ${text.length}.`)];
}

function inRange(path: readonly string[], value: number | null | undefined, min: number, max: number): InputProblem[] {
  if (value == null || (value >= min && value <= max)) return [];
  return [problem(path, 'INVALID_VALUE', `It must be from ${min} to ${max}, not ${value}.`)];
}
