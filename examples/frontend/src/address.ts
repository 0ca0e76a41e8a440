import { useSearchParams } from 'wouter';

/** What the query of the address says; whoever opens the same address sees the same. */
export interface Address {
  /** The slug of the grid; null for all grids. */
  grid: string | null;
  /** The slug of the package whose row is to be seen. */
  highlighted: string | null;
  /** The slug of the package whose alternatives are open. */
  alternatives: string | null;
  /** A column; behind a `-`, the other way round. */
  sort: string | null;
}

export function useAddress(): Address {
  const [params] = useSearchParams();
  return {
    grid: params.get('grid'),
    highlighted: params.get('package'),
    alternatives: params.get('alternatives'),
    sort: params.get('sort'),
  };
}

/** Returns a function that changes parts of the address; a null takes a part out. */
export function useChange(): (changes: Record<string, string | null>, options?: { replace: boolean }) => void {
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

/** The address of a grid, for a `Link`; with a package, its row is the one to see. */
export function gridAddress(grid: string, highlighted?: string): string {
  return `/?${new URLSearchParams({ grid, ...(highlighted && { package: highlighted }) })}`;
}
