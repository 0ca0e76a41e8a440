import { readList, type Address } from './address';
import { COLUMNS, type Column } from './components/columns';
import { CONDITIONS, type Filter } from './components/GridFilters';

export const MAX_PICKED = 5;

/** How a grid is to be shown. */
export interface Options {
  filter: Filter;
  sort: { column: Column; down: boolean };
  /** The columns that are shown, from left to right. */
  columns: Column[];
  /** The slugs of the packages to compare, in the order they were picked. */
  picked: string[];
  comparing: boolean;
  /** What the address says and the page does not understand, a sentence each. */
  misunderstood: string[];
}

/** Reads how a grid is to be shown; `slugs` and `categories` are those of its packages. */
export function readOptions(address: Address, slugs: Set<string>, categories: Map<string, string>): Options {
  const { params } = address;
  const misunderstood = [...address.misunderstood];
  const column = (name: string) => COLUMNS.find(each => each.name === name);

  const yes = (name: string) => {
    const value = params.get(name);
    if (value !== null && value !== 'yes') misunderstood.push(`“${name}” can only be “yes”, not “${value}”.`);
    return value === 'yes';
  };
  const conditions = CONDITIONS.map(({ name }) => name).filter(yes);

  const category = params.get('category');
  const knowsCategory = category === null || categories.has(category);
  if (!knowsCategory) misunderstood.push(`No package here is of a category “${category}”.`);

  const sort = params.get('sort') ?? '-stars';
  const sorted = column(sort.replace(/^-/, ''));
  if (!sorted?.key) misunderstood.push(`There is no order by “${sort}”; here the most stars come first.`);

  const wanted = params.has('columns') ? readList(params.get('columns')) : DEFAULT_COLUMNS;
  for (const name of wanted) if (!column(name)) misunderstood.push(`There is no column “${name}”.`);
  // No column is a choice; none that there is says nothing.
  const chosen = wanted.length && !wanted.some(column) ? DEFAULT_COLUMNS : wanted;

  const named = readList(params.get('pick'));
  const picked = named.filter(slug => slugs.has(slug)).slice(0, MAX_PICKED);
  for (const slug of named) if (!slugs.has(slug)) misunderstood.push(`There is no package “${slug}” in this grid.`);
  if (named.length > MAX_PICKED) misunderstood.push(`At most ${MAX_PICKED} packages can be compared.`);

  return {
    filter: { words: params.get('words') ?? '', conditions, category: knowsCategory ? category : null },
    sort: sorted?.key ? { column: sorted, down: sort.startsWith('-') } : DEFAULT_SORT,
    columns: COLUMNS.filter((each, place) => place === 0 || chosen.includes(each.name)),
    picked,
    comparing: yes('compare') && picked.length > 1,
    misunderstood,
  };
}

export const DEFAULT_COLUMNS = COLUMNS.filter(each => !each.extra).map(({ name }) => name);
const DEFAULT_SORT = { column: COLUMNS.find(({ name }) => name === 'stars') ?? COLUMNS[0], down: true };
