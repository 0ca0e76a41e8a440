import './GridFilters.css';
import { type Changes, useChange } from '../address';
import { type FragmentType, graphql, unmask } from '../gql';
import type { GridFilters_PackageFragment as Package } from '../gql/graphql';

export const GridFilters_package = graphql(`
  fragment GridFilters_package on Package {
    slug
    title
    repoDescription
    commitsLastYear
    pypiVersion
    documentationUrl
    category {
      slug
      titlePlural
    }
  }
`);

/** What a package must be; each is a key of the address, whose value is then `yes`. */
export const CONDITIONS = [
  { name: 'active', label: 'Active this year', hint: 'With commits in the last 52 weeks', holds: (each: Package) => each.commitsLastYear > 0 },
  { name: 'released', label: 'Released', hint: 'With a release on PyPI', holds: (each: Package) => !!each.pypiVersion },
  { name: 'documented', label: 'Documented', hint: 'With a link to documentation', holds: (each: Package) => !!each.documentationUrl },
] as const;

export interface Filter {
  words: string;
  /** Names of conditions. */
  conditions: string[];
  /** A category's slug. */
  category: string | null;
}

/** Takes every filter out of the address. */
export const NO_FILTER: Changes = { words: null, category: null, ...Object.fromEntries(CONDITIONS.map(({ name }) => [name, null])) };

export function passes(filter: Filter, masked: FragmentType<typeof GridFilters_package>): boolean {
  const shown = unmask(GridFilters_package, masked);
  const text = `${shown.title} ${shown.slug} ${shown.repoDescription}`.toLowerCase();
  return (
    filter.words.toLowerCase().split(/\s+/).every(word => text.includes(word)) &&
    CONDITIONS.every(({ name, holds }) => !filter.conditions.includes(name) || holds(shown)) &&
    (filter.category === null || shown.category?.slug === filter.category)
  );
}

/** The categories of packages, from slugs to names. */
export function categoriesOf(packages: readonly FragmentType<typeof GridFilters_package>[]): Map<string, string> {
  const categories = unmask(GridFilters_package, packages).flatMap(({ category }) => category ?? []);
  return new Map(categories.map(({ slug, titlePlural }) => [slug, titlePlural]));
}

/** Narrows a grid's packages down; what is chosen stands in the address. */
export function GridFilters({ filter, categories }: { filter: Filter; categories: Map<string, string> }) {
  const change = useChange();
  const set = (changes: Changes) => change(changes, { replace: true });
  return (
    <form className="filters" role="search" aria-label="Packages of this grid" onSubmit={event => event.preventDefault()}>
      <input
        type="search"
        className="field"
        aria-label="Words in a package’s name or description"
        placeholder="Filter by words"
        maxLength={200}
        value={filter.words}
        onChange={event => set({ words: event.target.value || null })}
      />
      {CONDITIONS.map(({ name, label, hint }) => (
        <label key={name} className="chip" title={hint}>
          <input
            type="checkbox"
            checked={filter.conditions.includes(name)}
            onChange={event => set({ [name]: event.target.checked ? 'yes' : null })}
          />
          {label}
        </label>
      ))}
      <select
        aria-label="Category"
        value={filter.category ?? ''}
        onChange={event => set({ category: event.target.value || null })}
      >
        <option value="">All categories</option>
        {[...categories].map(([slug, title]) => (
          <option key={slug} value={slug}>
            {title}
          </option>
        ))}
      </select>
    </form>
  );
}
