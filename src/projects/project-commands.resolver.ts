import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { CreateProjectInput, UpdateProjectInput } from './project.input.js';
import type { ProjectService } from './project.service.js';
import { ProjectType, toProjectType } from './project.type.js';

const createProjectResult = resultUnion('CreateProjectResult', 'The new project; or why there is none.', ProjectType);
const updateProjectResult = resultUnion('UpdateProjectResult', 'The project, changed; or why not.', ProjectType);

@Resolver()
export class ProjectCommandsResolver {
  constructor(private readonly projects: ProjectService) {}

  @Mutation(() => createProjectResult, {
    description: 'Makes a project, with the viewer as its owner. For administrators of the server.',
  })
  createProject(
    @Arg('input', () => CreateProjectInput, { description: 'Its names.' }) input: CreateProjectInput,
    @Ctx() { viewer, loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toProjectType(await loaded(loaders.projects, await this.projects.create(viewer, input))),
    );
  }

  @Mutation(() => updateProjectResult, { description: 'Changes the name of a project.' })
  updateProject(
    @Arg('input', () => UpdateProjectInput, { description: 'Which one, and what.' }) input: UpdateProjectInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => toProjectType(await loaded(loaders.projects, await this.projects.update(input))));
  }
}
