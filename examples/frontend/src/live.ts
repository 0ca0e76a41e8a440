import { type Client, type Exchange, type Operation, stringifyDocument } from '@urql/core';
import { pipe, tap } from 'wonka';
import { graphql } from './gql';

const CatalogueChanged = graphql(`
  subscription CatalogueChanged {
    catalogueChanged(types: [PACKAGE, GRID]) {
      version
    }
  }
`);

/** Milliseconds within which pages ask again: all of them are told at the same moment. */
const SPREAD = 2000;

const shown = new Map<number, Operation>();

/** Knows which queries the page shows the answers of. */
export const shownExchange: Exchange =
  ({ forward }) =>
  operations =>
    pipe(
      operations,
      tap(operation => {
        if (operation.kind === 'query') shown.set(operation.key, operation);
        if (operation.kind === 'teardown') shown.delete(operation.key);
      }),
      forward,
    );

/** Asks again what the page shows when the catalogue changes, as long as somebody looks at it. The gateway also tells at once
 * where the catalogue is: then it may have changed since the page asked, or was hidden. */
export function followCatalogue(client: Client) {
  const address = `../graphql?${new URLSearchParams({ query: stringifyDocument(CatalogueChanged) })}`;
  let source: EventSource | undefined;
  const follow = () => {
    source?.close();
    if (document.visibilityState === 'hidden') return;
    const opened = (source = new EventSource(address)); // it connects again by itself
    opened.addEventListener('next', ({ data }) => {
      // Without a mirror there is nothing to tell, nor will there be.
      if (JSON.parse(data).errors) opened.close();
      else setTimeout(() => refresh(client), Math.random() * SPREAD);
    });
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

function refresh(client: Client) {
  for (const operation of shown.values()) {
    const options = operation.context.fetchOptions;
    const fetchOptions = { ...(typeof options === 'function' ? options() : options), cache: 'no-cache' as const };
    const context = { ...operation.context, requestPolicy: 'network-only' as const, fetchOptions };
    client.reexecuteOperation(client.createRequestOperation('query', operation, context));
  }
}
