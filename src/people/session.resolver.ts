import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { onlyProject } from '../access/viewer.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { orProblems } from '../graphql/problem.type.js';
import { EndSessionInput } from './session.input.js';
import { noSessions } from './session.reads.js';
import type { SessionService } from './session.service.js';
import { endSessionResult, SessionType, sessions, toSessionType } from './session.type.js';
import { ViewerType } from './viewer.type.js';

@Resolver(() => SessionType)
export class SessionResolver {
  constructor(private readonly service: SessionService) {}

  @FieldResolver(() => Boolean, { description: 'Whether the viewer asks with this session.' })
  current(@Root() { uuid }: SessionType, @Ctx() { viewer: { credential } }: GraphQLContext): boolean {
    return credential.kind === 'SESSION' && credential.id === uuid;
  }

  @Mutation(() => endSessionResult, {
    description: 'Signs the viewer out of one browser, at once, in open subscriptions too.',
  })
  endSession(
    @Arg('input', () => EndSessionInput, { description: 'Which one.' }) { sessionId }: EndSessionInput,
    @Ctx() { viewer }: GraphQLContext,
  ) {
    return orProblems(async () => toSessionType(await this.service.end(viewer, sessionId)));
  }
}

@Resolver(() => ViewerType)
export class ViewerSessionsResolver {
  @FieldResolver(() => sessions.Connection, {
    description:
      'Browsers in which the viewer is signed in, the latest first. A viewer whose key opens one project sees none.',
    complexity: pageComplexity,
  })
  sessions(@Root() { viewer }: ViewerType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.sessionsOfUser,
      parent: viewer.userId,
      page,
      listing: onlyProject(viewer) === null ? {} : { where: [noSessions] },
      toNode: toSessionType,
      toConnection: sessions.toConnection,
    });
  }
}
