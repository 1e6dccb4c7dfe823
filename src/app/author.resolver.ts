import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { existing } from '../graphql/load-row.js';
import { toUserType, UserType } from '../people/user.type.js';
import { objectsOfProjects } from './objects-of-projects.js';

interface Authored {
  readonly authorUuid: string | null;
}

function authorResolver(Type: ClassType<Authored>) {
  @Resolver(() => Type)
  class AuthorResolver {
    @FieldResolver(() => UserType, {
      nullable: true,
      description: "Who created the object; null: it came with the server, or is older than the server's users.",
    })
    async author(@Root() { authorUuid }: Authored, @Ctx() { loaders }: GraphQLContext): Promise<UserType | null> {
      return authorUuid === null ? null : toUserType(await existing(loaders.people.userById, authorUuid));
    }
  }
  return AuthorResolver;
}

/** The field `author` of every type whose objects a user creates. */
export const authorResolvers = objectsOfProjects.map(authorResolver);
