import { useSearchParams } from 'wouter';

/** What an address may hold, a view each; its first key names the view. */
const KEYS = {
  grid: [
    'grid',
    'package',
    'words',
    'active',
    'released',
    'documented',
    'category',
    'sort',
    'columns',
    'pick',
    'compare',
    'alternatives',
  ],
  search: ['search'],
  package: ['package', 'alternatives'],
  home: ['words'],
} as const;

type View = keyof typeof KEYS;

export interface Address {
  view: View;
  /** The slug of the grid or the package, or the words of the search; empty at home. */
  subject: string;
  /** The slug of the package whose row of the grid is to be seen. */
  highlighted: string | null;
  /** The slug of the package whose alternatives are open. */
  alternatives: string | null;
  params: URLSearchParams;
  /** The keys that say nothing to this view, a sentence each. */
  misunderstood: string[];
}

/** What the query of the address says; whoever opens the same address sees the same. */
export function useAddress(): Address {
  const [params] = useSearchParams();
  const view = (['grid', 'search', 'package'] as const).find(key => params.has(key)) ?? 'home';
  const known: readonly string[] = KEYS[view];
  const unknown = [...new Set(params.keys())].filter(key => !known.includes(key));
  return {
    view,
    subject: (view !== 'home' && params.get(view)) || '',
    highlighted: view === 'grid' ? params.get('package') : null,
    alternatives: params.get('alternatives'),
    params,
    misunderstood: unknown.map(key => `“${key}” is no setting of this page.`),
  };
}

export type Changes = Record<string, string | null>;

/** Returns a function that changes parts of the address; a null takes a part out. */
export function useChange(): (changes: Changes, options?: { replace: boolean }) => void {
  const [, setParams] = useSearchParams();
  return (changes, options) =>
    setParams(params => {
      for (const [name, value] of Object.entries(changes)) {
        if (value === null) params.delete(name);
        else params.set(name, value);
      }
      return params;
    }, options);
}

/** A list in the address is its items, with spaces (in the address, `+`) or commas between. */
export const readList = (text: string | null): string[] => [...new Set(text?.split(/[\s,]+/).filter(Boolean))];
export const writeList = (items: string[]): string | null => items.join(' ') || null;

const address = (params: Record<string, string>) => `/?${new URLSearchParams(params)}`;

/** The address of a grid, for a `Link`; with a package, its row is the one to see. */
export const gridAddress = (grid: string, highlighted?: string): string =>
  address({ grid, ...(highlighted && { package: highlighted }) });

/** The address of a grid with some of its packages side by side. */
export const comparisonAddress = (grid: string, picked: string[]): string =>
  address({ grid, pick: picked.join(' '), compare: 'yes' });

export const packageAddress = (slug: string): string => address({ package: slug });

export const searchAddress = (words: string): string => address({ search: words });
