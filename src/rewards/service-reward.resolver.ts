import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may } from '../access/viewer.js';
import { ServiceRewardType } from './reward-source.type.js';
import { withoutQuery } from './shown-url.js';

@Resolver(() => ServiceRewardType)
export class ServiceRewardResolver {
  @FieldResolver(() => String, {
    description:
      'The URL that is sent a POST. What follows its “?” may be a secret: without the right to ADMINISTER the project, “…” stands for it.',
  })
  url(@Root() { wholeUrl, callerUuid }: ServiceRewardType, @Ctx() { viewer }: Pick<GraphQLContext, 'viewer'>): string {
    return may(viewer, 'ADMINISTER', callerUuid) ? wholeUrl : withoutQuery(wholeUrl);
  }
}
