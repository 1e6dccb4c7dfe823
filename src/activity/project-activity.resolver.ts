import { Repeater } from '@graphql-yoga/subscription';
import { GraphQLError } from 'graphql';
import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { selected } from '../events/selected.js';
import { answersEvent } from '../graphql/answers-event.js';
import { checkRange } from '../graphql/check-range.js';
import { EventRangeArgs, eventsComplexity, maxEventsShown, readEventRange } from '../graphql/event-range.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { ProjectType } from '../projects/project.type.js';
import type { ExperimentProgress } from './experiment-progress.js';
import type { ProjectEventKind, StoredProjectEvent } from './project-event.js';
import { isOfKinds, toStoredProjectEvent } from './project-event.reads.js';
import { ProjectEventPageType, type ProjectEventType, ProjectEventUnion } from './project-event.type.js';
import { ProjectEventKindEnum } from './project-event-kind.type.js';
import { toProgressedType, toProjectEventType } from './to-project-event-type.js';

interface ProjectActivityArgs {
  readonly projectSlug: string;
  readonly afterSeq?: number | null;
  readonly kinds?: readonly ProjectEventKind[] | null;
  readonly progressEveryMs?: number | null;
}

const fastestSampleMs = 250;
const slowestSampleMs = 60_000;

@Resolver(() => ProjectType)
export class ProjectActivityResolver {
  @Extensions({ maxPageSize: maxEventsShown })
  @FieldResolver(() => ProjectEventPageType, {
    description: "A range of the project's event log. To follow the log live, use the subscription projectActivity.",
    complexity: eventsComplexity,
  })
  async events(
    @Root() project: ProjectType,
    @Args(() => EventRangeArgs) range: EventRangeArgs,
    @Arg('kinds', () => [ProjectEventKindEnum], {
      nullable: true,
      description: 'Only events of these kinds. Default: all.',
    })
    kinds: ProjectEventKind[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ProjectEventPageType> {
    const where = kinds == null ? [] : [isOfKinds(kinds)];
    const { rows, ...rest } = await readEventRange(loaders.projectEvents.ofProject, project.uuid, range, where);
    return Object.assign(new ProjectEventPageType(), {
      projectUuid: project.uuid,
      events: rows.map((row) => toProjectEventType(toStoredProjectEvent(row))),
      ...rest,
    });
  }

  @FieldResolver(() => Int, { description: "The seq of the newest event in the project's log; 0 before the first." })
  async lastEventSeq(@Root() project: ProjectType, @Ctx() { loaders }: GraphQLContext): Promise<number> {
    return (await loaders.projectEvents.end.load(project.uuid))?.lastSeq ?? 0;
  }

  @Extensions(answersEvent)
  @Subscription(() => ProjectEventUnion, {
    description:
      'The events of a project, each once, in order. Without `afterSeq`, only events from now on; with it, first the events after that number. After a lost connection, subscribe again with the last seq seen.',
    subscribe: ({ args, context }) => subscribeToProject(args, context),
  })
  projectActivity(
    @Root() event: StoredProjectEvent | ExperimentProgress,
    @Arg('projectSlug', () => String, projectSlugOptions)
    _projectSlug: string,
    @Arg('afterSeq', () => Int, {
      nullable: true,
      description:
        'The last sequence number already seen; 0: from the beginning of the log; null: only events from now on. A number beyond the end of the log is an error: it comes from another log, e.g. from before a backup was restored.',
    })
    _afterSeq: number | null,
    @Arg('kinds', () => [ProjectEventKindEnum], {
      nullable: true,
      description: 'Only events of these kinds. Default: all.',
    })
    _kinds: ProjectEventKind[] | null,
    @Arg('progressEveryMs', () => Int, {
      nullable: true,
      description: `Also ExperimentProgressed, for each running experiment at most once in so many milliseconds, from ${fastestSampleMs} to ${slowestSampleMs}: as often as a page can draw. Null: none.`,
    })
    _progressEveryMs: number | null,
  ): ProjectEventType {
    return 'event' in event ? toProjectEventType(event) : toProgressedType(event);
  }
}

/** @throws GraphQL errors NOT_FOUND and BAD_USER_INPUT before the subscription starts */
async function subscribeToProject(
  { projectSlug, afterSeq = null, kinds, progressEveryMs = null }: ProjectActivityArgs,
  { live }: GraphQLContext,
): Promise<AsyncIterable<StoredProjectEvent | ExperimentProgress>> {
  const end = await live.projectLogEnd(projectSlug);
  if (end === null) {
    throw new GraphQLError('There is no project with this slug.', { extensions: { code: 'NOT_FOUND' } });
  }
  if (afterSeq !== null) checkRange('afterSeq', afterSeq, 0, end.lastSeq);
  if (progressEveryMs !== null) checkRange('progressEveryMs', progressEveryMs, fastestSampleMs, slowestSampleMs);
  const wanted = kinds == null ? null : new Set(kinds);
  // Without a position it begins at this moment, not when the feed is first asked.
  const logged = live.projectEvents(end.projectId, afterSeq ?? end.lastSeq);
  const events =
    progressEveryMs === null
      ? logged
      : Repeater.merge([logged, live.experimentProgress(end.projectId, progressEveryMs)]);
  return selected<StoredProjectEvent | ExperimentProgress>(
    events,
    (each) => !('event' in each) || wanted === null || wanted.has(each.event.kind),
  );
}
