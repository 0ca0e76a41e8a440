// Proxies commonly refuse a request line over 8 KB; a longer document goes into the fragment, which is never sent.
const LONGEST_SEARCH = 7000;

/** The tab that the address asks for (`?query=…&variables=…&operationName=…`, or the same after `#`), or null. */
export function readAddress() {
  const params = [location.search, location.hash]
    .map(part => new URLSearchParams(part.slice(1)))
    .find(given => given.has('query'));
  if (!params) return null;
  return {
    query: params.get('query'),
    variables: params.get('variables') ?? '',
    operationName: params.get('operationName'),
  };
}

/** The address that opens a tab, from the host on. Headers may be secret and stay out. */
export function addressOf({ query, variables, operationName }) {
  const params = new URLSearchParams();
  if (query) params.set('query', query);
  if (variables) params.set('variables', variables);
  if (operationName) params.set('operationName', operationName);
  const text = params.toString();
  const mark = text.length <= LONGEST_SEARCH ? '?' : '#';
  return location.pathname + (text && mark + text);
}

/** Keeps the address equal to the open tab, so that copying it shares the tab. */
export function writeAddress(tab) {
  const address = addressOf(tab);
  if (address !== location.pathname + location.search + location.hash) history.replaceState(null, '', address);
}
