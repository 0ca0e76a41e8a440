import './Notice.css';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';

/** Says why there is nothing to see, and what to do about it. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className="notice">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Says what went wrong, and offers to try again. */
export function Problem({ error, retry }: { error: CombinedError; retry: () => void }) {
  const reasons = error.graphQLErrors.map(({ message }) => message);
  return (
    <section className="notice problem" role="alert">
      <h2>{error.networkError ? 'The gateway could not be reached' : 'Part of the catalogue could not be read'}</h2>
      {reasons.length > 0 && <p>{[...new Set(reasons)].slice(0, 3).join(' ')}</p>}
      <button type="button" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
