import './Notice.css';
import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';

/** Says why there is nothing to see, and what to do about it. Where it stands `alone` in a view, it has the page's
 * heading. */
export function Notice({ title, alone, children }: { title: string; alone?: boolean; children?: ReactNode }) {
  const Heading = alone ? 'h1' : 'h2';
  return (
    <section className="notice">
      <Heading>{title}</Heading>
      {children}
    </section>
  );
}

/** Says what went wrong, and offers to try again; `alone` as a notice is. */
export function Problem({ error, alone, retry }: { error: CombinedError; alone?: boolean; retry: () => void }) {
  const Heading = alone ? 'h1' : 'h2';
  const reasons = error.graphQLErrors.map(({ message }) => message);
  const what = alone ? 'This' : 'Part of the catalogue';
  return (
    <section className="notice problem" role="alert">
      <Heading>
        {error.networkError ? 'The gateway could not be reached' : `${what} could not be read`}
      </Heading>
      {reasons.length > 0 && <p>{[...new Set(reasons)].slice(0, 3).join(' ')}</p>}
      <button type="button" onClick={retry}>
        Try again
      </button>
    </section>
  );
}
