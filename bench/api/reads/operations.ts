/** What each side is asked for, in its own language: an experiment with what lies around it. */

const ofAttune = `id name tags status createdAt startedAt finishedAt
  baseModel { id name digest source }
  datasetVersion { id number digest exampleCount createdAt }
  summary { definition { key } value step attempt }
  evaluations(first: 3) { nodes { id split status createdAt finishedAt } }`;

const ofApollo = `id name tags status createdAt startedAt finishedAt
  baseModel { id name digest source }
  datasetVersion { id number digest exampleCount createdAt }
  summary { key value step attempt }
  evaluations(first: 3) { id split status createdAt finishedAt }`;

const ofPostGraphile = `id name tags createdAt
  baseModelByBaseModelId { id name digest source }
  datasetVersionByDatasetVersionId { id number digest exampleCount createdAt }
  runByExperimentId {
    status startedAt finishedAt
    runMetricsByRunId(orderBy: KEY_ASC) { nodes { key value step attempt } }
    baseModelsByProducedByRunId(first: 1) {
      nodes {
        evaluationsByBaseModelId(first: 3, orderBy: [CREATED_AT_DESC, ID_DESC]) { nodes { id split status createdAt finishedAt } }
      }
    }
  }`;

const pageOfPostGraphile = `projectBySlug(slug: $project) {
  experimentsByProjectId(first: 50, condition: { archivedAt: null }, orderBy: [CREATED_AT_DESC, ID_DESC]) { nodes`;

export const operations = {
  nested: {
    attune: `query Nested($project: String!) { project(slug: $project) { experiments(first: 50) { nodes { ${ofAttune} } } } }`,
    apollo: `query Nested($project: String!) { experiments(project: $project, first: 50) { ${ofApollo} } }`,
    postGraphile: `query Nested($project: String!) { ${pageOfPostGraphile} { ${ofPostGraphile} } } } }`,
  },
  names: {
    attune:
      'query Names($project: String!) { project(slug: $project) { experiments(first: 50) { nodes { id name } } } }',
    apollo: 'query Names($project: String!) { experiments(project: $project, first: 50) { id name } }',
    postGraphile: `query Names($project: String!) { ${pageOfPostGraphile} { id name } } } }`,
  },
  one: {
    attune: `query One($id: ID!) { experiment(id: $id) { ${ofAttune} } }`,
    apollo: `query One($id: ID!) { experiment(id: $id) { ${ofApollo} } }`,
    postGraphile: `query One($id: UUID!) { experimentById(id: $id) { ${ofPostGraphile} } }`,
  },
} as const;
