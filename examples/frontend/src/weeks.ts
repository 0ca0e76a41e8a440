import { counted, formatNumber } from './format';

/** What a chart of weekly commits shows, in words. */
export function describeWeeks(weeks: readonly number[]): string {
  const total = weeks.reduce((sum, commits) => sum + commits, 0);
  return `${counted(total, 'commit')} in ${weeks.length} weeks, at most ${formatNumber(Math.max(...weeks))} in one`;
}

/** The least of 1, 2, 5, 10, 20, 50 … that is not below `value`: where a scale ends. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value) ?? power;
}
