const DAY = 86_400_000;
const UNITS = [
  ['year', 365.25 * DAY],
  ['month', 30.44 * DAY],
  ['day', DAY],
  ['hour', DAY / 24],
] as const;

const numbers = new Intl.NumberFormat('en');
const ages = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** `2,263` */
export const formatNumber = (value: number): string => numbers.format(value);

/** `6 Feb 2026`; of a time as the gateway writes it, or of milliseconds since 1970. */
export const formatDate = (time: string | number): string => dates.format(new Date(time));

/** `1 package`, `4 packages` */
export const counted = (value: number, noun: string): string => `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `3 months ago` */
export function formatAge(time: string): string {
  const age = Date.now() - Date.parse(time);
  const [unit, size] = UNITS.find(([, size]) => age >= size) ?? ['minute', DAY / 1440];
  return ages.format(-Math.floor(age / size), unit);
}

/** How alive a repository looks: a commit in the last half year, in the last two years, or neither. */
export function activity(time: string): 'active' | 'quiet' | 'dormant' {
  const age = Date.now() - Date.parse(time);
  return age < 183 * DAY ? 'active' : age < 730 * DAY ? 'quiet' : 'dormant';
}

/** What is there of a list whose items can fail alone. */
export const present = <Item>(items: readonly (Item | null | undefined)[] | null | undefined): Item[] =>
  (items ?? []).filter(item => item !== null && item !== undefined);
