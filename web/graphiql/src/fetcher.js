import { createGraphiQLFetcher, formatResult } from '@graphiql/toolkit';
import { Kind, OperationTypeNode, parse } from 'graphql';
import { createClient } from 'graphql-sse';

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
      const operation = operationOf(parameters);
      const operationName = operation ? operation.name?.value : parameters.operationName;
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION)
        return eventsOf(createClient({ url, headers: options?.headers }), { ...parameters, operationName });
      const result = await send({ ...parameters, operationName }, { ...options, headers });
      if (!isIntrospection) remember(formatResult(result), facts);
      return result;
    } catch (error) {
      return { errors: [{ message: facts?.sentence ?? error.message }] };
    }
  };
}

/** Follows a subscription, until GraphiQL has enough of it. */
async function* eventsOf(client, parameters) {
  let number = 0;
  try {
    for await (const result of client.iterate(parameters)) {
      const text = formatResult(result);
      remember(text, { status: 200, size: bytes(new Blob([text]).size), origin: `event ${++number}, at ${clock()}` });
      yield result;
    }
  } catch (error) {
    yield { errors: [{ message: number ? `The stream has ended: ${error.message}` : UNREACHABLE }] };
  }
}

const clock = () => new Date().toLocaleTimeString();

/** The operation to run: GraphiQL names that of the document before, until it has read the one that was just pasted.
 * Undefined where the document cannot be read; then the gateway says what is wrong with it. */
function operationOf({ query, operationName }) {
  let operations;
  try {
    operations = parse(query, { noLocation: true }).definitions.filter(each => each.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return undefined;
  }
  return operations.find(each => each.name?.value === operationName) ?? operations[0];
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
