import { Project } from '../access/project.entity.js';
import { Evaluation } from '../evaluations/evaluation.entity.js';
import { Experiment } from '../experiments/experiment.entity.js';

/** Every slice's entity classes; a new one is added here. */
export const entities: (new () => object)[] = [Project, Experiment, Evaluation];
