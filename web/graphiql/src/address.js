// Proxies commonly refuse a request line over 8 KB; a longer document lives in the browser's storage alone.
const LONGEST_SEARCH = 7000;

/** The tab that the address asks for (`?query=…&variables=…&operationName=…`), or null. */
export function readAddress() {
  const params = new URLSearchParams(location.search);
  if (!params.has('query')) return null;
  return {
    query: params.get('query'),
    variables: params.get('variables') ?? '',
    operationName: params.get('operationName'),
  };
}

/** Keeps the address equal to the open tab, so that copying it shares the tab. Headers may be secret and stay out. */
export function writeAddress({ query, variables, operationName }) {
  const params = new URLSearchParams();
  if (query) params.set('query', query);
  if (variables) params.set('variables', variables);
  if (operationName) params.set('operationName', operationName);
  const text = params.toString();
  const search = text && text.length <= LONGEST_SEARCH ? `?${text}` : '';
  if (search !== location.search) history.replaceState(null, '', `${location.pathname}${search}`);
}
