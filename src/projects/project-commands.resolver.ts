import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems, resultUnion } from '../graphql/problem.type.js';
import { CreateProjectInput, UpdateProjectInput } from './project.input.js';
import type { ProjectService } from './project.service.js';
import { ProjectType, toProjectType } from './project.type.js';

const createProjectResult = resultUnion(
  'CreateProjectResult',
  'The new project; or why it was not created.',
  ProjectType,
);
const updateProjectResult = resultUnion(
  'UpdateProjectResult',
  'The changed project; or why nothing was changed.',
  ProjectType,
);

@Resolver()
export class ProjectCommandsResolver {
  constructor(private readonly projects: ProjectService) {}

  @Mutation(() => createProjectResult, {
    description: 'Creates a project with the viewer as its owner. Only administrators of the server can do it.',
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
    @Arg('input', () => UpdateProjectInput, { description: 'The project, and its new name.' })
    input: UpdateProjectInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => toProjectType(await loaded(loaders.projects, await this.projects.update(input))));
  }
}
