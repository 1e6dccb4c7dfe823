/**
 * Options of each field and argument that names a project by its slug. Left out or null, the operation's policy fills
 * it in (access/project-slug.ts), so resolvers and services always get a slug.
 */
export const projectSlugOptions = {
  nullable: true,
  description: 'Slug of the project. Default: the project that the API key opens; `default` for any other viewer.',
} as const;
