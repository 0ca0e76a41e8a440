// Explanations of answers: whether they are asked for, and their tree as rows.

let isWanted = false;

/** Has the gateway explain the answers from now on, or no longer. */
export const wantExplanations = wanted => {
  isWanted = wanted;
};

/** The headers by which a request says so. */
export const explanationHeaders = () => (isWanted ? { 'X-Catalogue-Explain': '1' } : {});

/** The layers of an explanation, each before those behind it, with their `depth` from 0 on. */
export const rowsOf = (layers, depth = 0) =>
  layers.flatMap(layer => [{ ...layer, depth }, ...rowsOf(layer.layers, depth + 1)]);

/** What a wave read from the upstream, in words. */
export const readingOf = ({ upstreamRequests, batches }) =>
  [
    `${upstreamRequests} upstream ${upstreamRequests === 1 ? 'request' : 'requests'}`,
    ...batches.map(([loader, keys]) => `${loader}: a batch of ${keys}`),
  ].join(', ');
