import { createGraphiQLFetcher, formatResult } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';

import { bytes, milliseconds, origin, remember } from './answers.js';
import { explanationHeaders } from './explanation.js';

const INTROSPECTION = 'IntrospectionQuery';
const UNREACHABLE = `The gateway at ${location.host} cannot be reached: it was stopped, or the network is down.`;

/** Sends GraphiQL's operations to the gateway at `url`, measures the answers, and says in one sentence when none comes. */
export function createFetcher(url) {
  let facts;
  const send = createGraphiQLFetcher({
    url,
    enableIncrementalDelivery: false,
    fetch: async (...parts) => {
      const request = new Request(...parts);
      const started = performance.now();
      facts = { sentence: UNREACHABLE };
      const response = await fetch(request);
      const body = await response.arrayBuffer();
      facts = factsOf(response, body, performance.now() - started);
      return new Response(body, response);
    },
  });
  return async (parameters, options) => {
    facts = undefined;
    try {
      const isIntrospection = parameters.operationName === INTROSPECTION;
      const headers = { ...options?.headers, ...(isIntrospection ? {} : explanationHeaders()) };
      const result = await send({ ...parameters, operationName: operationNameFor(parameters) }, { ...options, headers });
      if (!isIntrospection) remember(formatResult(result), facts);
      return result;
    } catch (error) {
      return { errors: [{ message: facts?.sentence ?? error.message }] };
    }
  };
}

/** The operation to run: GraphiQL names that of the document before, until it has read the one that was just pasted. */
function operationNameFor({ query, operationName }) {
  let names;
  try {
    names = parse(query, { noLocation: true }).definitions.flatMap(each =>
      each.kind === Kind.OPERATION_DEFINITION ? [each.name?.value] : [],
    );
  } catch {
    return operationName; // the gateway says what is wrong with the document
  }
  return names.includes(operationName) ? operationName : names[0];
}

function factsOf(response, body, took) {
  const { headers, status } = response;
  const sent = headers.has('content-encoding') ? Number(headers.get('content-length')) : 0;
  return {
    sentence: `What answered at ${location.host}, with status ${status}, is not the gateway: it was stopped, or is starting.`,
    status,
    time: milliseconds(took),
    size: bytes(body.byteLength) + (sent ? `, ${bytes(sent)} compressed` : ''),
    origin: origin(headers),
  };
}
