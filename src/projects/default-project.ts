import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { defaultProjectSlug } from '../access/project-slug.js';
import { Project } from './project.entity.js';

/**
 * Creates the first project unless it exists, even if several API processes start at once. Returns the project's id.
 */
export async function ensureDefaultProject(dataSource: DataSource): Promise<string> {
  const projects = dataSource.getRepository(Project);
  await projects
    .createQueryBuilder()
    .insert()
    .values({ id: randomUUID(), slug: defaultProjectSlug, name: 'Default' })
    .orIgnore()
    .execute();
  const { id } = await projects.findOneByOrFail({ slug: defaultProjectSlug });
  return id;
}
