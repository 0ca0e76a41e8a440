import { counted, formatNumber } from './format';

/** What a chart of weekly commits shows, in words. */
export function describeWeeks(weeks: readonly number[]): string {
  const total = weeks.reduce((sum, commits) => sum + commits, 0);
  return `${counted(total, 'commit')} in ${weeks.length} weeks, at most ${formatNumber(Math.max(...weeks))} in one`;
}

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The least round number that is not below a count: where a scale ends. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return STEPS.map(step => step * power).find(step => step >= value) ?? power;
}
