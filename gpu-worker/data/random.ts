/** The draws of trainings and of statistics come from one generator. */
export { createRandom, type Random, shuffle, uniform } from '../../src/statistics/random.js';
